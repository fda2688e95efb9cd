import pg from 'pg';

/** Maximum time in ms for a connection and for an answer. A server that needs longer counts as gone. */
const ANSWER_TIMEOUT_MS = 2_000;

/** One connection outside the pools that is opened when it is needed and replaced after an error. */
export class KeptConnection {
  private client: pg.Client | undefined;

  constructor(private readonly connection: () => pg.ClientConfig) {}

  /** Runs a statement that returns one row. @throws pg's error, after at most 4 s */
  async row<Row>(sql: string): Promise<Row> {
    const client = (this.client ??= this.create());
    try {
      if (!this.connected.has(client)) await this.connect(client);
      const query = { text: sql, query_timeout: ANSWER_TIMEOUT_MS } as pg.QueryConfig;
      return (await client.query(query)).rows[0] as Row;
    } catch (error) {
      this.drop(client);
      throw error;
    }
  }

  close(): void {
    if (this.client !== undefined) this.drop(this.client);
  }

  private readonly connected = new WeakSet<pg.Client>();

  private create(): pg.Client {
    const client = new pg.Client({
      ...this.connection(),
      application_name: 'deskwire-replica-watch',
      connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    });
    client.on('error', () => this.drop(client));
    return client;
  }

  private async connect(client: pg.Client): Promise<void> {
    await client.connect();
    this.connected.add(client);
  }

  /** Ends the socket itself, because a server that hangs does not answer a goodbye. */
  private drop(client: pg.Client): void {
    if (this.client === client) this.client = undefined;
    void client.end().catch(() => undefined);
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}
