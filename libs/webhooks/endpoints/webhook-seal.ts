import { createSealer, type Sealer } from '#sealing';
import type { WebhooksConfig } from '../webhooks.config.js';
import { noWebhookKey } from '../webhooks.errors.js';

/** The sealer of signing secrets; each is bound to its row and its endpoint, and opens nowhere else. */
export class WebhookSeal {
  private readonly sealer: Sealer;

  /** @throws Error without a key: the app does not start, rather than fail at the first delivery */
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

  /** Under the current key; undefined when it already is. @throws DomainError SEALING_CANNOT_OPEN */
  rewrap(endpointId: string, id: string, sealed: string): string | undefined {
    return this.sealer.rewrap(sealed, boundTo(endpointId, id));
  }
}

function boundTo(endpointId: string, id: string): string {
  return `webhook_secrets:${endpointId}:${id}`;
}
