import { createSealer, type Sealer } from '#sealing';
import type { WebhooksConfig } from '../webhooks.config.js';
import { noWebhookKey } from '../webhooks.errors.js';

/** The sealer of signing secrets. Each is bound to its row and endpoint, and opens only there. */
export class WebhookSeal {
  private readonly sealer: Sealer;

  /** @throws Error without a key, so that the start fails and not the first delivery */
  constructor(config: Pick<WebhooksConfig, 'encryptionKey' | 'previousEncryptionKeys'>) {
    if (config.encryptionKey === undefined) throw noWebhookKey();
    const previous = config.previousEncryptionKeys.map((key) => key.reveal());
    this.sealer = createSealer(config.encryptionKey.reveal(), previous);
  }

  seal(endpointId: string, id: string, secret: string): string {
    return this.sealer.seal(secret, boundTo(endpointId, id));
  }

  /** @throws DomainError SEALING_CANNOT_OPEN */
  open(endpointId: string, id: string, sealed: string): string {
    return this.sealer.open(sealed, boundTo(endpointId, id));
  }

  /** Seals with the current key. Undefined if it already is. @throws DomainError SEALING_CANNOT_OPEN */
  rewrap(endpointId: string, id: string, sealed: string): string | undefined {
    return this.sealer.rewrap(sealed, boundTo(endpointId, id));
  }

  sealPath(endpointId: string, path: string): string {
    return this.sealer.seal(path, boundToEndpoint(endpointId));
  }

  /** @throws DomainError SEALING_CANNOT_OPEN */
  openPath(endpointId: string, sealed: string): string {
    return this.sealer.open(sealed, boundToEndpoint(endpointId));
  }

  /** Under the current key; undefined when it already is. @throws DomainError SEALING_CANNOT_OPEN */
  rewrapPath(endpointId: string, sealed: string): string | undefined {
    return this.sealer.rewrap(sealed, boundToEndpoint(endpointId));
  }
}

function boundToEndpoint(endpointId: string): string {
  return `webhook_endpoints:${endpointId}:path`;
}

function boundTo(endpointId: string, id: string): string {
  return `webhook_secrets:${endpointId}:${id}`;
}
