import pg from 'pg';

/**
 * A session of one database, also where it refuses writes by default. All statements share it, since a connection costs more
 * than most of them. After its end, as at the set-up of a replication, the next statement begins another.
 */
export class KeptSession {
  private client: Promise<pg.Client> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly url: string) {}

  /** Runs a statement after the ones before it. */
  async rows<Row extends pg.QueryResultRow = Record<string, any>>(sql: string): Promise<Row[]> {
    const result = this.last.then(async () => (await (this.client ??= this.connect())).query<Row>(sql));
    this.last = result.catch(() => undefined);
    return (await result).rows;
  }

  async end(): Promise<void> {
    await (await this.client)?.end();
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url, options: '-c default_transaction_read_only=off' });
    client.on('error', () => (this.client = undefined)).once('end', () => (this.client = undefined));
    return client.connect();
  }
}
