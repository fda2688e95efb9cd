import { readFileSync } from 'node:fs';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { LRUCache } from 'lru-cache';
import { Pool } from 'undici';
import { egressConfig, type EgressConfig } from './egress.config.js';
import { POOLS } from './egress.metrics.js';
import { pinnedConnector } from './pinned-connector.js';

const MAX_POOLS = 500;
const KEEP_ALIVE_MS = 10_000;
/** The limit of node's own server. */
const MAX_HEADER_BYTES = 16_384;

/**
 * Connections kept alive, by origin and by the addresses that were checked: a name that moved gets other connections.
 * The pool least recently used is closed, which lets its running requests end.
 */
@Injectable()
export class EgressPools implements OnApplicationShutdown {
  private readonly pools = new LRUCache<string, Pool>({
    max: MAX_POOLS,
    dispose: (pool, _key, reason) => {
      if (reason === 'evict') pool.close().catch(() => undefined);
    },
  });
  private readonly ca: string | undefined;

  /** @throws Error when EGRESS_CA_FILE cannot be read */
  constructor(
    @Inject(egressConfig.token) private readonly config: EgressConfig,
    @InjectMetric(POOLS) private readonly count: Gauge,
  ) {
    this.ca = config.caFile === undefined ? undefined : readFileSync(config.caFile, 'utf8');
  }

  /** @param addresses checked ones, at least one */
  pool(origin: string, addresses: readonly string[]): Pool {
    const key = `${origin} ${[...addresses].sort().join(' ')}`;
    const known = this.pools.get(key);
    if (known !== undefined) return known;
    const made = new Pool(origin, {
      // As many connections as its callers use at once, who have limits of their own. With one here, the sends of some
      // webhooks that hang would take it all, and delay every other webhook of the same host.
      connections: null,
      pipelining: 1,
      connect: pinnedConnector(addresses, { timeoutMs: this.config.connectTimeoutMs, ca: this.ca }),
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: 60_000,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Off: the timeout of the whole exchange ends it; these would guard only its parts.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.pools.set(key, made);
    this.count.set(this.pools.size);
    return made;
  }

  async onApplicationShutdown(): Promise<void> {
    const open = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(open.map((pool) => pool.destroy()));
  }
}
