import pg from 'pg';

const KEY = `hashtextextended('deskwire:demo', 0)`;

/**
 * Held by the process that runs the demo of a database, so that only one does and `demo clear` can detect it.
 * It is a session lock on a connection of its own, so PostgreSQL releases it when the process is killed.
 */
export class DemoLock {
  private client: pg.Client | undefined;

  constructor(private readonly databaseUrl: string) {}

  get held(): boolean {
    return this.client !== undefined;
  }

  /** @returns false if another process has it */
  async take(): Promise<boolean> {
    if (this.client) return true;
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      application_name: 'deskwire-demo',
      keepAlive: true,
    });
    const lost = () => {
      if (this.client === client) this.client = undefined;
    };
    client.on('error', lost).on('end', lost);
    await client.connect();
    const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${KEY}) AS taken`);
    if (rows[0]!.taken) this.client = client;
    else await client.end();
    return this.held;
  }

  async release(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }
}
