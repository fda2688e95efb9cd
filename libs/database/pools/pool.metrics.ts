import { Injectable } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Database } from '../database.js';
import { DataSources, POOL_NAMES } from './data-sources.js';
import { Startup, STARTUP_PHASES } from '../startup.js';

/** Gauges are computed during a scrape, so they cost nothing between scrapes. */
export const poolMetrics = [
  makeGaugeProvider({
    name: 'database_pool_connections',
    help: 'Connections of a pool by state',
    labelNames: ['pool', 'state'],
  }),
  makeGaugeProvider({
    name: 'database_pool_max',
    help: 'Maximum number of connections of a pool',
    labelNames: ['pool'],
  }),
  makeGaugeProvider({ name: 'database_pool_waiting', help: 'Requests waiting for a connection', labelNames: ['pool'] }),
  makeGaugeProvider({
    name: 'database_second_acquisitions',
    help: 'Contexts that requested a second connection, since start',
  }),
  makeGaugeProvider({
    name: 'database_connections_held_too_long',
    help: 'Connections held for more than 30 s, since start',
  }),
  makeGaugeProvider({
    name: 'database_read_only',
    help: '1 while writes are refused, by DB_READONLY or by PostgreSQL',
  }),
  makeGaugeProvider({
    name: 'database_silent',
    help: '1 while PostgreSQL accepts connections but does not answer, so that requests are refused at once',
  }),
  makeGaugeProvider({ name: 'database_migrations_pending', help: 'Migrations of this release that the schema lacks' }),
  makeGaugeProvider({ name: 'startup_phase', help: '1 for the current phase of the start', labelNames: ['phase'] }),
];

@Injectable()
export class PoolMetrics {
  constructor(
    private readonly sources: DataSources,
    private readonly startup: Startup,
    database: Database,
    @InjectMetric('database_pool_connections') connections: Gauge,
    @InjectMetric('database_pool_max') max: Gauge,
    @InjectMetric('database_pool_waiting') waiting: Gauge,
    @InjectMetric('database_second_acquisitions') second: Gauge,
    @InjectMetric('database_connections_held_too_long') heldTooLong: Gauge,
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
    collect(second, () => second.set(sources.held.secondAcquisitions));
    collect(heldTooLong, () => heldTooLong.set(sources.held.heldTooLong));
    collect(readOnly, () => readOnly.set(Number(database.readOnly)));
    collect(silent, () => silent.set(Number(sources.watch.isSilent)));
    collect(pending, () => pending.set(startup.pendingMigrations.length));
    collect(phase, () =>
      [...STARTUP_PHASES, 'failed' as const].forEach((one) => phase.set({ phase: one }, startup.phase === one ? 1 : 0)),
    );
  }

  private eachPool(report: (pool: ReturnType<DataSources['pool']>, name: string) => void): void {
    for (const name of POOL_NAMES) {
      if (this.sources[name].isInitialized) report(this.sources.pool(name), name);
    }
  }
}

function collect(gauge: Gauge, read: () => void): void {
  Object.assign(gauge, { collect: read });
}
