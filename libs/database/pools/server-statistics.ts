import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Database } from '../database.js';
import { Startup } from '../startup.js';

const SAMPLE_MS = 10_000;

export const serverStatisticsMetrics = [
  makeGaugeProvider({
    name: 'database_connections_active',
    help: 'Connections of this database that run a statement, of all clients',
  }),
  makeGaugeProvider({
    name: 'database_longest_query_seconds',
    help: 'How long the longest running statement of this database has taken',
  }),
  makeCounterProvider({
    name: 'database_wal_bytes_total',
    help: 'Write-ahead log the server has written, as seen by this process',
  }),
];

interface Sample {
  active: number;
  longest: number;
  wal: number;
}

/** What the server itself says, sampled apart from scrapes: a scrape must not wait for a connection when there is none. */
@Injectable()
export class ServerStatistics implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ServerStatistics.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private walBefore: number | undefined;

  constructor(
    private readonly database: Database,
    private readonly startup: Startup,
    @InjectMetric('database_connections_active') private readonly active: Gauge,
    @InjectMetric('database_longest_query_seconds') private readonly longest: Gauge,
    @InjectMetric('database_wal_bytes_total') private readonly wal: Counter,
  ) {}

  onApplicationBootstrap(): void {
    void this.startup.whenReady().then(
      () => this.loop(),
      () => undefined,
    );
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async loop(): Promise<void> {
    if (this.stopped) return;
    await this.sample().catch((error: Error) =>
      this.logger.debug({ msg: 'no statistics of the server', error: error.message }),
    );
    if (!this.stopped) this.timer = setTimeout(() => void this.loop(), SAMPLE_MS).unref();
  }

  private async sample(): Promise<void> {
    // A server in recovery has no WAL position of its own to write at.
    const [now] = await this.database.rows<Sample>(
      `SELECT count(*) FILTER (WHERE state = 'active' AND pid <> pg_backend_pid())::int AS active,
              coalesce(max(extract(epoch FROM clock_timestamp() - query_start)) FILTER (WHERE state = 'active' AND pid <> pg_backend_pid()), 0)::float8 AS longest,
              pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, '0/0')::float8 AS wal
         FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'`,
    );
    if (now === undefined) return;
    this.active.set(now.active);
    this.longest.set(now.longest);
    if (this.walBefore !== undefined && now.wal > this.walBefore) this.wal.inc(now.wal - this.walBefore);
    this.walBefore = now.wal;
  }
}
