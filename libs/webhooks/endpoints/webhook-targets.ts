import { Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { type Cache, Caches } from '#caching';
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

/** The change feed drops a changed target in every process; this limit holds when the feed fails. */
const FRESH_MS = 10_000;
const MAX_TARGETS = 5_000;
const SIGNER_BYTES = 500;

/** Targets ready to sign, in memory only: two queries and opening a secret for each delivery would cost more than the delivery. */
@Injectable()
export class WebhookTargets {
  private readonly cache: Cache<WebhookTarget | undefined>;

  constructor(
    caches: Caches,
    private readonly endpoints: WebhooksRepository,
    private readonly secrets: WebhookSecretsRepository,
    private readonly seal: WebhookSeal,
  ) {
    this.cache = caches.open('webhook_targets', {
      maxItems: MAX_TARGETS,
      topic: 'webhooks',
      sizeOf: (target) => 2 * (target?.url.length ?? 0) + SIGNER_BYTES * (1 + (target?.signers.length ?? 0)),
      keeps: (target) => target !== undefined,
    });
  }

  /** @returns undefined when there is no such endpoint. @throws DomainError SEALING_CANNOT_OPEN */
  find(endpointId: string): Promise<WebhookTarget | undefined> {
    return this.cache.getOrLoad(endpointId, FRESH_MS, (id) => this.load(id));
  }

  private async load(endpointId: string): Promise<WebhookTarget | undefined> {
    const endpoint = await this.endpoints.find(endpointId);
    if (endpoint === undefined) return undefined;
    const live = await this.secrets.live(endpointId);
    const signers = live.map(({ id, sealed }) => new Webhook(this.seal.open(endpointId, id, sealed)));
    return { url: endpoint.url, format: endpoint.format, signers };
  }
}
