import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '#auth';
import { Database, Startup } from '#database';
import { countStored, type RewrappedKind, rewrapStored, type SealedKind, type SealedStore } from '#sealing';
import { webhooksConfig } from '../webhooks.config.js';
import { hostOf, type WebhookEndpoint } from './webhook-endpoint.js';
import { WebhookSeal } from './webhook-seal.js';
import { type SealedPart, WebhooksRepository } from './webhooks.repository.js';

const BATCH = 200;

/** The URLs of endpoints. Their path and query are often all that protects them (Slack, Discord), so they are sealed like a secret. */
@Injectable()
export class WebhookUrls implements OnModuleInit {
  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly seal: WebhookSeal,
    private readonly database: Database,
    private readonly startup: Startup,
  ) {}

  onModuleInit(): void {
    this.startup.addStep('checks', 'paths of webhook URLs', async () => {
      if (!this.database.readOnly) await this.sealRemaining();
    });
  }

  /** The columns that hold a URL: its origin in clear, and the rest sealed and bound to the row. */
  columnsOf(endpointId: string, href: string): Pick<WebhookEndpoint, 'url' | 'sealedPath'> {
    const { origin } = new URL(href);
    return { url: origin, sealedPath: this.seal.sealPart(endpointId, 'path', href.slice(origin.length)) };
  }

  /** The whole URL. @throws DomainError SEALING_CANNOT_OPEN */
  open({ id, url, sealedPath }: Pick<WebhookEndpoint, 'id' | 'url' | 'sealedPath'>): string {
    return sealedPath === null ? url : url + this.seal.openPart(id, 'path', sealedPath);
  }

  /** The URL that a caller may read: the owner's own, and the desk's for operators. Of others they see the origin only. */
  shownTo(principal: Principal, endpoint: WebhookEndpoint): string {
    const mayRead = endpoint.userId === null || endpoint.userId === principal.userId;
    return mayRead ? this.open(endpoint) : masked(endpoint);
  }

  /** Whether text is the masked form of the URL. A client that sends back the masked URL changes nothing. */
  isMaskOf(endpoint: WebhookEndpoint, text: string | undefined): boolean {
    return text === masked(endpoint);
  }

  /** Seals the URLs that an earlier version stored in clear. Safe to run in several processes at once. @returns how many */
  async sealRemaining(): Promise<number> {
    let sealed = 0;
    for (;;) {
      const rows = await this.endpoints.unsealed(BATCH);
      for (const row of rows)
        if (await this.endpoints.replaceUrl(row, this.columnsOf(row.id, new URL(row.url).href))) sealed += 1;
      if (rows.length < BATCH) return sealed;
    }
  }

  /** Seals every path with the current key, and URLs that are in clear. */
  async rewrap(): Promise<RewrappedKind> {
    const sealed = await this.sealRemaining();
    const done = await rewrapStored(this.store);
    return { ...done, rewrapped: done.rewrapped + sealed, current: done.current - sealed };
  }

  /** The stored paths by key. Changes nothing. */
  sealed(): Promise<SealedKind> {
    return countStored(this.store);
  }

  private get store(): SealedStore<SealedPart> {
    return {
      kind: 'webhook URLs',
      setting: webhooksConfig.settings.encryptionKey.key,
      sealer: this.seal,
      sealedOtherwise: (keyId, afterId, limit) => this.endpoints.sealedOtherwise('path', keyId, afterId, limit),
      countByKey: () => this.endpoints.countByKey('path'),
      rewrapRow: async ({ id, url, sealed }) => {
        const again = this.seal.rewrapPart(id, 'path', sealed);
        return (
          again !== undefined && this.endpoints.replaceUrl({ id, url, sealedPath: sealed }, { url, sealedPath: again })
        );
      },
    };
  }
}

function masked(endpoint: WebhookEndpoint): string {
  const { protocol } = new URL(endpoint.url);
  return `${protocol}//${hostOf(endpoint)}/********`;
}
