import { Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { type Cache, Caches } from '#caching';
import type { MessageFormat } from '#deliveries';
import { WebhookSeal } from './webhook-seal.js';
import { type SealedSecret, WebhookSecretsRepository } from './webhook-secrets.repository.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import { WebhookUrls } from './webhook-urls.service.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** URL and signers of an endpoint. */
export interface WebhookTarget {
  url: string;
  format: MessageFormat;
  /** Newest first. */
  signers: readonly Webhook[];
}

/** The rows of a target as the database has them: its path and its secrets are sealed. */
interface TargetRows {
  endpoint: Pick<WebhookEndpoint, 'id' | 'url' | 'sealedPath' | 'format'>;
  secrets: readonly Pick<SealedSecret, 'id' | 'sealed'>[];
}

/** Maximum age of a cached target. The change feed drops changed targets earlier, unless it fails. */
const FRESH_MS = 10_000;
const MAX_TARGETS = 5_000;
const SIGNER_BYTES = 500;

/**
 * Caches targets in memory, ready to sign. Two queries and opening a secret would cost more than the delivery itself.
 * Processes share the rows, still sealed.
 */
@Injectable()
export class WebhookTargets {
  private readonly cache: Cache<WebhookTarget | undefined, TargetRows | undefined>;

  constructor(
    caches: Caches,
    private readonly endpoints: WebhooksRepository,
    private readonly secrets: WebhookSecretsRepository,
    private readonly seal: WebhookSeal,
    private readonly urls: WebhookUrls,
  ) {
    this.cache = caches.open<WebhookTarget | undefined, TargetRows | undefined>('webhook_targets', {
      maxItems: MAX_TARGETS,
      topic: 'webhooks',
      shared: { shape: 1 },
      open: (rows) => rows && this.opened(rows),
      sizeOf: (target) => 2 * (target?.url.length ?? 0) + SIGNER_BYTES * (1 + (target?.signers.length ?? 0)),
      keeps: (target) => target !== undefined,
    });
  }

  /** @returns undefined if the endpoint does not exist. @throws DomainError SEALING_CANNOT_OPEN */
  find(endpointId: string): Promise<WebhookTarget | undefined> {
    return this.cache.getOrLoad(endpointId, FRESH_MS, (id) => this.load(id));
  }

  private async load(endpointId: string): Promise<TargetRows | undefined> {
    const endpoint = await this.endpoints.find(endpointId);
    if (endpoint === undefined) return undefined;
    const { id, url, sealedPath, format } = endpoint;
    const live = await this.secrets.live(endpointId);
    return { endpoint: { id, url, sealedPath, format }, secrets: live.map(({ id, sealed }) => ({ id, sealed })) };
  }

  private opened({ endpoint, secrets }: TargetRows): WebhookTarget {
    const signers = secrets.map(({ id, sealed }) => new Webhook(this.seal.open(endpoint.id, id, sealed)));
    return { url: this.urls.open(endpoint), format: endpoint.format, signers };
  }
}
