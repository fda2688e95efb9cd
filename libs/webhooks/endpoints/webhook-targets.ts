import { Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { type Cache, Caches } from '#caching';
import type { MessageFormat } from '#deliveries';
import { WebhookSeal } from './webhook-seal.js';
import { WebhookSecretsRepository } from './webhook-secrets.repository.js';
import { WebhookUrls } from './webhook-urls.service.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** URL and signers of an endpoint. */
export interface WebhookTarget {
  url: string;
  format: MessageFormat;
  /** Newest first. */
  signers: readonly Webhook[];
}

/** Maximum age of a cached target. The change feed drops changed targets earlier, unless it fails. */
const FRESH_MS = 10_000;
const MAX_TARGETS = 5_000;
const SIGNER_BYTES = 500;

/** Caches targets in memory, ready to sign. Two queries and opening a secret would cost more than the delivery itself. */
@Injectable()
export class WebhookTargets {
  private readonly cache: Cache<WebhookTarget | undefined>;

  constructor(
    caches: Caches,
    private readonly endpoints: WebhooksRepository,
    private readonly secrets: WebhookSecretsRepository,
    private readonly seal: WebhookSeal,
    private readonly urls: WebhookUrls,
  ) {
    this.cache = caches.open('webhook_targets', {
      maxItems: MAX_TARGETS,
      topic: 'webhooks',
      sizeOf: (target) => 2 * (target?.url.length ?? 0) + SIGNER_BYTES * (1 + (target?.signers.length ?? 0)),
      keeps: (target) => target !== undefined,
    });
  }

  /** @returns undefined if the endpoint does not exist. @throws DomainError SEALING_CANNOT_OPEN */
  find(endpointId: string): Promise<WebhookTarget | undefined> {
    return this.cache.getOrLoad(endpointId, FRESH_MS, (id) => this.load(id));
  }

  private async load(endpointId: string): Promise<WebhookTarget | undefined> {
    const endpoint = await this.endpoints.find(endpointId);
    if (endpoint === undefined) return undefined;
    const live = await this.secrets.live(endpointId);
    const signers = live.map(({ id, sealed }) => new Webhook(this.seal.open(endpointId, id, sealed)));
    return { url: this.urls.open(endpoint), format: endpoint.format, signers };
  }
}
