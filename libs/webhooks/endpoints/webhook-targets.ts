import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { Changes } from '#changes';
import type { MessageFormat } from '#deliveries';
import { WebhookSeal } from './webhook-seal.js';
import { WebhookSecretsRepository } from './webhook-secrets.repository.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** Where to send, and what signs. */
export interface WebhookTarget {
  url: string;
  format: MessageFormat;
  /** Newest first. */
  signers: readonly Webhook[];
}

/** A change reaches every process within a poll of the change feed; this is for the day on which that fails. */
const FRESH_MS = 10_000;
const MOST = 5_000;

/** Targets ready to sign, in memory only: two queries and an opened secret a delivery would cost more than the delivery. */
@Injectable()
export class WebhookTargets implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly kept = new Map<string, { target: Promise<WebhookTarget | undefined>; until: number }>();
  private stop: (() => void) | undefined;

  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly secrets: WebhookSecretsRepository,
    private readonly seal: WebhookSeal,
    private readonly changes: Changes,
  ) {}

  onApplicationBootstrap(): void {
    this.stop = this.changes.onChange('webhooks', (ids) => {
      if (ids === null) this.kept.clear();
      else for (const id of ids) this.kept.delete(id);
    });
  }

  onApplicationShutdown(): void {
    this.stop?.();
  }

  /** @returns undefined when there is no such endpoint. @throws DomainError SEALING_CANNOT_OPEN */
  find(endpointId: string): Promise<WebhookTarget | undefined> {
    const now = performance.now();
    const known = this.kept.get(endpointId);
    if (known !== undefined && known.until > now) return known.target;
    const target = this.load(endpointId);
    const entry = { target, until: now + FRESH_MS };
    this.kept.delete(endpointId);
    this.kept.set(endpointId, entry);
    if (this.kept.size > MOST) this.kept.delete(this.kept.keys().next().value!);
    target.then(
      (found) => found === undefined && this.forget(endpointId, entry),
      () => this.forget(endpointId, entry),
    );
    return target;
  }

  private forget(endpointId: string, entry: unknown): void {
    if (this.kept.get(endpointId) === entry) this.kept.delete(endpointId);
  }

  private async load(endpointId: string): Promise<WebhookTarget | undefined> {
    const endpoint = await this.endpoints.find(endpointId);
    if (endpoint === undefined) return undefined;
    const live = await this.secrets.live(endpointId);
    const signers = live.map(({ id, sealed }) => new Webhook(this.seal.open(endpointId, id, sealed)));
    return { url: endpoint.url, format: endpoint.format, signers };
  }
}
