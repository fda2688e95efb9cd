import pg from 'pg';

/** What runs SQL: the database of the desk, or a connection to another cluster. */
export interface SqlRunner {
  rows<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}

/** Settings of the session. A secondary is read-only by default for everyone except this client and the apply worker. */
const SESSION = `SET default_transaction_read_only = off; SET TimeZone = 'UTC'; SET DateStyle = 'ISO,MDY';
  SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings = on; SET lock_timeout = '10s'`;

/** One connection to a cluster by its URL, apart from the pools of the desk. */
export class ClusterClient implements SqlRunner {
  private constructor(private readonly client: pg.Client) {}

  /** @param timeoutMs maximum time to connect, and for each answer. 0: no limit for answers, 10 s to connect */
  static async open(url: string, timeoutMs = 0): Promise<ClusterClient> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'deskwire-replication',
      connectionTimeoutMillis: timeoutMs || 10_000,
      query_timeout: timeoutMs || undefined,
      keepAlive: true,
    });
    // A lost connection fails the next statement. Without a listener it would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(SESSION);
      return new ClusterClient(client);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  async rows<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]> {
    return (await this.client.query(sql, params as unknown[])).rows as Row[];
  }

  /** Runs work in one transaction, and rolls it back if it throws. @param mode such as `ISOLATION LEVEL REPEATABLE READ` */
  async inTransaction<T>(work: () => Promise<T>, mode = ''): Promise<T> {
    await this.client.query(`BEGIN ${mode}`);
    try {
      const result = await work();
      await this.client.query('COMMIT');
      return result;
    } catch (error) {
      await this.client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}
