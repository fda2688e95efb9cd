import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Startup } from '#database';
import {
  countStored,
  missingKeys,
  type RewrappedKind,
  rewrapStored,
  type SealedKind,
  type SealedStore,
} from '#sealing';
import { Clock } from '#time';
import { configuredSigningSecret, newSigningSecret } from './signing-secret.js';
import { WebhookSeal } from './webhook-seal.js';
import { type SealedSecret, WebhookSecretsRepository } from './webhook-secrets.repository.js';
import { WebhookHeaders } from './webhook-headers.service.js';
import { WebhookUrls } from './webhook-urls.service.js';
import { webhooksConfig, type WebhooksConfig } from '../webhooks.config.js';

const HOUR_MS = 3_600_000;

/** Makes, rotates and rewraps signing secrets. Only two answers contain a secret in clear. */
@Injectable()
export class WebhookSecrets implements OnModuleInit {
  private readonly logger = new Logger('Webhooks');

  constructor(
    private readonly secrets: WebhookSecretsRepository,
    private readonly seal: WebhookSeal,
    private readonly urls: WebhookUrls,
    private readonly headers: WebhookHeaders,
    private readonly clock: Clock,
    private readonly startup: Startup,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
  ) {}

  onModuleInit(): void {
    this.startup.addStep('checks', 'keys of webhook secrets', async () => {
      for (const warning of (await this.sealed()).flatMap(missingKeys)) this.logger.warn(warning);
    });
  }

  /**
   * Makes the first secret of an endpoint. @returns the secret in clear, to be shown once
   * @param brought a secret that the receiver has already, checked by `broughtSecret`
   */
  async first(endpointId: string, desk: boolean, brought?: string): Promise<string> {
    if (brought !== undefined) return this.add(endpointId, brought);
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

  /** Seals every secret, and the path and headers of every endpoint, with the current key, while deliveries continue. Safe to repeat. */
  async rewrap(): Promise<RewrappedKind[]> {
    return [await this.urls.rewrap(), await rewrapStored(this.store), await this.headers.rewrap()];
  }

  /** The stored values by key. Changes nothing. */
  async sealed(): Promise<SealedKind[]> {
    return [await this.urls.sealed(), await countStored(this.store), await this.headers.sealed()];
  }

  private get store(): SealedStore<SealedSecret> {
    return {
      kind: 'webhook secrets',
      setting: webhooksConfig.settings.encryptionKey.key,
      sealer: this.seal,
      sealedOtherwise: (keyId, afterId, limit) => this.secrets.sealedOtherwise(keyId, afterId, limit),
      countByKey: () => this.secrets.countByKey(),
      rewrapRow: async ({ id, endpointId, sealed }) => {
        const again = this.seal.rewrap(endpointId, id, sealed);
        return again !== undefined && this.secrets.replace(id, sealed, again);
      },
    };
  }

  private async add(endpointId: string, secret: string): Promise<string> {
    const id = await this.secrets.newId();
    await this.secrets.insert({ id, endpointId, sealed: this.seal.seal(endpointId, id, secret) });
    return secret;
  }
}
