import pg from 'pg';
import { migratorOf } from '../setup/test-database.js';
import { PostgresCluster } from './postgres-cluster.fixture.js';

/** A migrated PostgreSQL of the test's own that can replicate logically. Its proxy can cut off whoever connects through it. */
export class LogicalCluster {
  private readonly postgres = new PostgresCluster();

  static async start(): Promise<LogicalCluster> {
    const cluster = new LogicalCluster();
    await cluster.postgres.start();
    for (const setting of ["wal_level = 'logical'", "wal_retrieve_retry_interval = '200ms'", "fsync = 'off'"])
      await cluster.postgres.query(`ALTER SYSTEM SET ${setting}`);
    await cluster.postgres.stop();
    await cluster.postgres.start();
    await migratorOf(cluster.url).up();
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
  async rows<Row extends pg.QueryResultRow = Record<string, any>>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url, options: '-c default_transaction_read_only=off' });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  kill(): Promise<void> {
    return this.postgres.kill();
  }

  remove(): Promise<void> {
    return this.postgres.remove();
  }
}
