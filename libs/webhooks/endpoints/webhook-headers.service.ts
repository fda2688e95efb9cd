import { Injectable } from '@nestjs/common';
import { countStored, type RewrappedKind, rewrapStored, type SealedKind, type SealedStore } from '#sealing';
import { webhooksConfig } from '../webhooks.config.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import type { CustomHeaders } from './webhook-headers.js';
import { WebhookSeal } from './webhook-seal.js';
import { type SealedPart, WebhooksRepository } from './webhooks.repository.js';

/** The headers of endpoints. They often are the receiver's password, so their values are sealed, and only their names are shown. */
@Injectable()
export class WebhookHeaders {
  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly seal: WebhookSeal,
  ) {}

  /** The columns that hold headers: their names in clear, and all of them sealed and bound to the row. */
  columnsOf(endpointId: string, headers: CustomHeaders): Pick<WebhookEndpoint, 'headerNames' | 'sealedHeaders'> {
    const headerNames = Object.keys(headers).sort();
    const sealed = () => this.seal.sealPart(endpointId, 'headers', JSON.stringify(headers));
    return { headerNames, sealedHeaders: headerNames.length === 0 ? null : sealed() };
  }

  /** @throws DomainError SEALING_CANNOT_OPEN */
  open({ id, sealedHeaders }: Pick<WebhookEndpoint, 'id' | 'sealedHeaders'>): CustomHeaders {
    return sealedHeaders === null
      ? {}
      : (JSON.parse(this.seal.openPart(id, 'headers', sealedHeaders)) as Record<string, string>);
  }

  /** Seals all headers with the current key. */
  rewrap(): Promise<RewrappedKind> {
    return rewrapStored(this.store);
  }

  /** The stored headers by key. Changes nothing. */
  sealed(): Promise<SealedKind> {
    return countStored(this.store);
  }

  private get store(): SealedStore<SealedPart> {
    return {
      kind: 'webhook headers',
      setting: webhooksConfig.settings.encryptionKey.key,
      sealer: this.seal,
      sealedOtherwise: (keyId, afterId, limit) => this.endpoints.sealedOtherwise('headers', keyId, afterId, limit),
      countByKey: () => this.endpoints.countByKey('headers'),
      rewrapRow: async ({ id, sealed }) => {
        const again = this.seal.rewrapPart(id, 'headers', sealed);
        return again !== undefined && this.endpoints.replaceHeaders(id, sealed, again);
      },
    };
  }
}
