import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '#time';
import { configuredSigningSecret, newSigningSecret } from './signing-secret.js';
import { WebhookSeal } from './webhook-seal.js';
import type { Rewrapped } from './rewrapped.js';
import { WebhookSecretsRepository } from './webhook-secrets.repository.js';
import { WebhookUrls } from './webhook-urls.service.js';
import { webhooksConfig, type WebhooksConfig } from '../webhooks.config.js';

const HOUR_MS = 3_600_000;
const BATCH = 200;

/** Makes, rotates and rewraps signing secrets. Only two answers contain a secret in clear. */
@Injectable()
export class WebhookSecrets {
  constructor(
    private readonly secrets: WebhookSecretsRepository,
    private readonly seal: WebhookSeal,
    private readonly urls: WebhookUrls,
    private readonly clock: Clock,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
  ) {}

  /** Makes the first secret of an endpoint. @returns the secret in clear, to be shown once */
  async first(endpointId: string, desk: boolean): Promise<string> {
    const configured = desk ? this.config.signingSecret : undefined;
    return this.add(
      endpointId,
      configured === undefined ? newSigningSecret() : configuredSigningSecret(configured.reveal()),
    );
  }

  /** Makes a new signing secret. The previous one also signs for `rotationHours`; the one before it does not. */
  async rotate(endpointId: string): Promise<{ secret: string; previousUntil: Date }> {
    const previousUntil = new Date(this.clock.now().getTime() + this.config.rotationHours * HOUR_MS);
    await this.secrets.retire(endpointId, previousUntil);
    return { secret: await this.add(endpointId, newSigningSecret()), previousUntil };
  }

  /**
   * Seals every secret with the current key, row by row, while deliveries continue. A row is replaced only if it has not changed
   * since it was read. Safe to repeat and to run several times at once.
   */
  async rewrap(): Promise<Rewrapped> {
    const done = await this.urls.rewrap();
    for (let last: string | undefined; ;) {
      const rows = await this.secrets.after(last, BATCH);
      for (const { id, endpointId, sealed } of rows) {
        try {
          const again = this.seal.rewrap(endpointId, id, sealed);
          if (again !== undefined && (await this.secrets.replace(id, sealed, again))) done.rewrapped += 1;
          else done.current += 1;
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'SEALING_CANNOT_OPEN') throw error;
          done.failed.push(id);
        }
      }
      last = rows.at(-1)?.id;
      if (rows.length < BATCH) return done;
    }
  }

  private async add(endpointId: string, secret: string): Promise<string> {
    const id = await this.secrets.newId();
    await this.secrets.insert({ id, endpointId, sealed: this.seal.seal(endpointId, id, secret) });
    return secret;
  }
}
