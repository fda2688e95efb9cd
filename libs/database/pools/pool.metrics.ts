import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { declareMetrics } from '#metrics';
import { Database } from '../database.js';
import { DataSources, POOL_NAMES } from './data-sources.js';
import { Startup, STARTUP_PHASES } from '../startup.js';

const POOLS = [...POOL_NAMES, 'replica'] as const;

/** Gauges are computed during a scrape, so they cost nothing between scrapes. */
export const poolMetrics = declareMetrics('database', {
  database_pool_connections: {
    type: 'gauge',
    help: 'Connections of a pool by state',
    labels: { pool: POOLS, state: ['in_use', 'idle'] },
  },
  database_pool_max: { type: 'gauge', help: 'Maximum number of connections of a pool', labels: { pool: POOLS } },
  database_pool_waiting: { type: 'gauge', help: 'Requests waiting for a connection', labels: { pool: POOLS } },
  database_second_acquisitions_total: { type: 'counter', help: 'Contexts that requested a second connection' },
  database_connections_held_too_long_total: { type: 'counter', help: 'Connections held for more than 30 s' },
  database_read_only: { type: 'gauge', help: '1 while writes are refused, by DB_READONLY or by PostgreSQL' },
  database_silent: {
    type: 'gauge',
    help: '1 while PostgreSQL accepts connections but does not answer, so that requests are refused at once',
  },
  database_migrations_pending: { type: 'gauge', help: 'Migrations of this release that the schema lacks' },
  startup_phase: {
    type: 'gauge',
    help: '1 for the current phase of the start',
    labels: { phase: [...STARTUP_PHASES, 'failed'] },
  },
});

@Injectable()
export class PoolMetrics {
  constructor(
    private readonly sources: DataSources,
    private readonly startup: Startup,
    database: Database,
    @InjectMetric('database_pool_connections') connections: Gauge,
    @InjectMetric('database_pool_max') max: Gauge,
    @InjectMetric('database_pool_waiting') waiting: Gauge,
    @InjectMetric('database_second_acquisitions_total') second: Counter,
    @InjectMetric('database_connections_held_too_long_total') heldTooLong: Counter,
    @InjectMetric('database_read_only') readOnly: Gauge,
    @InjectMetric('database_silent') silent: Gauge,
    @InjectMetric('database_migrations_pending') pending: Gauge,
    @InjectMetric('startup_phase') phase: Gauge,
  ) {
    collect(connections, () =>
      this.eachPool((pool, name) => {
        connections.set({ pool: name, state: 'in_use' }, pool.inUse);
        connections.set({ pool: name, state: 'idle' }, pool.idleCount);
      }),
    );
    collect(max, () => this.eachPool((pool, name) => max.set({ pool: name }, pool.options.max)));
    collect(waiting, () => this.eachPool((pool, name) => waiting.set({ pool: name }, pool.waitingCount)));
    collect(second, () => show(second, sources.held.secondAcquisitions));
    collect(heldTooLong, () => show(heldTooLong, sources.held.heldTooLong));
    collect(readOnly, () => readOnly.set(Number(database.readOnly)));
    collect(silent, () => silent.set(Number(sources.watch.isSilent)));
    collect(pending, () => pending.set(startup.pendingMigrations.length));
    collect(phase, () =>
      [...STARTUP_PHASES, 'failed' as const].forEach((one) => phase.set({ phase: one }, startup.phase === one ? 1 : 0)),
    );
  }

  private eachPool(report: (pool: ReturnType<DataSources['pool']>, name: string) => void): void {
    for (const name of POOLS) {
      if (this.sources[name].isInitialized) report(this.sources.pool(name), name);
    }
  }
}

function collect(metric: Counter | Gauge, read: () => void): void {
  Object.assign(metric, { collect: read });
}

/** Shows a count that is kept elsewhere. */
function show(counter: Counter, count: number): void {
  counter.reset();
  counter.inc(count);
}
