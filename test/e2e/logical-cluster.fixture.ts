import type pg from 'pg';
import { KeptSession } from './kept-session.fixture.js';
import { PostgresCluster } from './postgres-cluster.fixture.js';

/** A migrated PostgreSQL of the test's own that can replicate logically. Its proxy can cut off whoever connects through it. */
export class LogicalCluster {
  private readonly postgres = new PostgresCluster('migrated', [
    'wal_level = logical',
    "wal_retrieve_retry_interval = '200ms'",
    'max_sync_workers_per_subscription = 4',
  ]);
  private session!: KeptSession;

  static async start(): Promise<LogicalCluster> {
    const cluster = new LogicalCluster();
    await cluster.postgres.start();
    cluster.session = new KeptSession(cluster.url);
    return cluster;
  }

  get url(): string {
    return this.postgres.directUrl;
  }

  /** In front of it, for a subscriber that can be cut off. */
  get proxy(): PostgresCluster['proxy'] {
    return this.postgres.proxy;
  }

  /** Runs a statement past the proxy, also where the database refuses writes by default. */
  rows<Row extends pg.QueryResultRow = Record<string, any>>(sql: string): Promise<Row[]> {
    return this.session.rows<Row>(sql);
  }

  kill(): Promise<void> {
    return this.postgres.kill();
  }

  async remove(): Promise<void> {
    await this.session.end();
    await this.postgres.remove();
  }
}
