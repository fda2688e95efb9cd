import { Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { type Cache, Caches } from '#caching';
import type { Lane } from '#deliveries';
import { WebhookSeal } from './webhook-seal.js';
import { type SealedSecret, WebhookSecretsRepository } from './webhook-secrets.repository.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import type { CustomHeaders } from './webhook-headers.js';
import { WebhookHeaders } from './webhook-headers.service.js';
import { WebhookUrls } from './webhook-urls.service.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** URL and signers of an endpoint. */
export interface WebhookTarget {
  url: string;
  format: Lane['format'];
  headers: CustomHeaders;
  /** Newest first. */
  signers: readonly Webhook[];
}

/** The rows of a target as the database has them: its path, headers and secrets are sealed. */
interface TargetRows {
  endpoint: Pick<WebhookEndpoint, 'id' | 'url' | 'sealedPath' | 'format' | 'sealedHeaders'>;
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
    private readonly headers: WebhookHeaders,
  ) {
    this.cache = caches.open<WebhookTarget | undefined, TargetRows | undefined>('webhook_targets', {
      maxItems: MAX_TARGETS,
      topic: 'webhooks',
      shared: { shape: 2 },
      open: (rows) => rows && this.opened(rows),
      sizeOf: (target) =>
        2 * (target?.url.length ?? 0) +
        2 * lengthOf(target?.headers ?? {}) +
        SIGNER_BYTES * (1 + (target?.signers.length ?? 0)),
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
    const { id, url, sealedPath, format, sealedHeaders } = endpoint;
    const live = await this.secrets.live(endpointId);
    return {
      endpoint: { id, url, sealedPath, format, sealedHeaders },
      secrets: live.map(({ id, sealed }) => ({ id, sealed })),
    };
  }

  private opened({ endpoint, secrets }: TargetRows): WebhookTarget {
    const signers = secrets.map(({ id, sealed }) => new Webhook(this.seal.open(endpoint.id, id, sealed)));
    return { url: this.urls.open(endpoint), format: endpoint.format, headers: this.headers.open(endpoint), signers };
  }
}

function lengthOf(headers: CustomHeaders): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}
