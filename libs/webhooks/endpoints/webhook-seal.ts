import { createSealer, type Sealer } from '#sealing';
import type { WebhooksConfig } from '../webhooks.config.js';
import { noWebhookKey } from '../webhooks.errors.js';

/** The sealed columns of an endpoint. */
export type EndpointPart = 'path' | 'headers';

/** The sealer of signing secrets, paths and headers. Each is bound to its row and endpoint, and opens only there. */
export class WebhookSeal {
  private readonly sealer: Sealer;

  get keyIds(): readonly string[] {
    return this.sealer.keyIds;
  }

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

  sealPart(endpointId: string, part: EndpointPart, text: string): string {
    return this.sealer.seal(text, boundToEndpoint(endpointId, part));
  }

  /** @throws DomainError SEALING_CANNOT_OPEN */
  openPart(endpointId: string, part: EndpointPart, sealed: string): string {
    return this.sealer.open(sealed, boundToEndpoint(endpointId, part));
  }

  /** Under the current key; undefined when it already is. @throws DomainError SEALING_CANNOT_OPEN */
  rewrapPart(endpointId: string, part: EndpointPart, sealed: string): string | undefined {
    return this.sealer.rewrap(sealed, boundToEndpoint(endpointId, part));
  }
}

function boundToEndpoint(endpointId: string, part: EndpointPart): string {
  return `webhook_endpoints:${endpointId}:${part}`;
}

function boundTo(endpointId: string, id: string): string {
  return `webhook_secrets:${endpointId}:${id}`;
}
