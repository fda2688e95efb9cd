import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Background } from '#background';
import { Database } from '#database';
import { databaseConfig, type DatabaseConfig } from '#database/config';
import { declareMetrics } from '#metrics';

export const serverStatisticsMetrics = declareMetrics('system', {
  database_connections_active: {
    type: 'gauge',
    help: 'Connections of this database that run a statement, of all clients',
  },
  database_longest_query_seconds: {
    type: 'gauge',
    help: 'How long the longest running statement of this database has taken',
  },
  database_wal_alert_bytes_per_second: {
    type: 'gauge',
    help: 'ALERT_WAL_BYTES_PER_SECOND: write-ahead log per second, beyond that of stored quotes, above which WALGrowth fires',
  },
  database_wal_bytes_total: {
    type: 'counter',
    help: 'Write-ahead log the server has written, as seen by this process',
  },
});

interface Sample {
  active: number;
  longest: number;
  wal: number;
}

/** Statistics of the PostgreSQL server, sampled apart from scrapes: a scrape must not wait for a connection. */
@Injectable()
export class ServerStatisticsRepository {
  private walBefore: number | undefined;

  constructor(
    private readonly database: Database,
    @InjectMetric('database_connections_active') private readonly active: Gauge,
    @InjectMetric('database_longest_query_seconds') private readonly longest: Gauge,
    @InjectMetric('database_wal_bytes_total') private readonly wal: Counter,
    @InjectMetric('database_wal_alert_bytes_per_second') limit: Gauge,
    @Inject(databaseConfig.token) config: DatabaseConfig,
  ) {
    limit.set(config.walAlertBytesPerSecond);
  }

  @Background({
    name: 'system-server-statistics',
    every: 10_000,
    atStart: true,
    role: 'every-process',
    whenReadOnly: 'run',
  })
  async sample(): Promise<void> {
    // A server in recovery has no write position of its own in the WAL.
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
