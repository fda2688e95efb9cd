import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '#auth';
import { Database, Startup } from '#database';
import type { Rewrapped } from './rewrapped.js';
import { hostOf, type WebhookEndpoint } from './webhook-endpoint.js';
import { WebhookSeal } from './webhook-seal.js';
import { WebhooksRepository } from './webhooks.repository.js';

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
    return { url: origin, sealedPath: this.seal.sealPath(endpointId, href.slice(origin.length)) };
  }

  /** The whole URL. @throws DomainError SEALING_CANNOT_OPEN */
  open({ id, url, sealedPath }: Pick<WebhookEndpoint, 'id' | 'url' | 'sealedPath'>): string {
    return sealedPath === null ? url : url + this.seal.openPath(id, sealedPath);
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

  /** Seals every path with the current key, row by row and while deliveries continue. Safe to repeat. */
  async rewrap(): Promise<Rewrapped> {
    const done: Rewrapped = { rewrapped: await this.sealRemaining(), current: 0, failed: [] };
    for (let last: string | undefined; ;) {
      const rows = await this.endpoints.page(undefined, last, BATCH);
      for (const row of rows) {
        try {
          const again = this.seal.rewrapPath(row.id, row.sealedPath!);
          if (again !== undefined && (await this.endpoints.replaceUrl(row, { url: row.url, sealedPath: again })))
            done.rewrapped += 1;
          else done.current += 1;
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'SEALING_CANNOT_OPEN') throw error;
          done.failed.push(row.id);
        }
      }
      last = rows.at(-1)?.id;
      if (rows.length < BATCH) return done;
    }
  }
}

function masked(endpoint: WebhookEndpoint): string {
  const { protocol } = new URL(endpoint.url);
  return `${protocol}//${hostOf(endpoint)}/********`;
}
