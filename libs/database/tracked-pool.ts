import pg from 'pg';
import { isConnectionLost } from './postgres-error.js';
import { poolExhausted } from './database.errors.js';
import type { HeldConnections } from './held-connections.js';

/** After this long in the pool a connection is asked whether it is still there before it is given out. */
const VALIDATE_AFTER_IDLE_MS = 30_000;

export interface TrackedPoolOptions extends pg.PoolConfig {
  name: string;
  held: HeldConnections;
}

type Release = (error?: Error | boolean) => void;
type ConnectCallback = (error: Error | undefined, client: pg.PoolClient | undefined, release: Release) => void;

const returnedAt = new WeakMap<pg.PoolClient, number>();

/** pg's pool that knows who holds what, validates what idled, and says 503 instead of hanging. */
export class TrackedPool extends pg.Pool {
  readonly name: string;
  private readonly held: HeldConnections;
  private readonly acquireTimeoutMs: number;

  constructor(options: TrackedPoolOptions) {
    const { name, held, ...config } = options;
    super(config);
    this.name = name;
    this.held = held;
    this.acquireTimeoutMs = config.connectionTimeoutMillis ?? 0;
    this.on('release', (_error: Error, client: pg.PoolClient) => returnedAt.set(client, Date.now()));
  }

  get inUse(): number {
    return this.totalCount - this.idleCount;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    const acquired = this.acquire();
    if (!callback) return acquired;
    acquired.then(
      (client) => callback(undefined, client, client.release.bind(client)),
      (error: Error) => callback(error, undefined, () => undefined),
    );
  }

  private async acquire(): Promise<pg.PoolClient> {
    const giveBack = this.held.take(this.name);
    try {
      const client = await this.validated();
      const release = client.release;
      client.release = (error?: Error | boolean) => {
        giveBack();
        release.call(client, error);
      };
      return client;
    } catch (error) {
      giveBack();
      if ((error as Error).message === 'timeout exceeded when trying to connect') throw poolExhausted(this.name, this.acquireTimeoutMs, error);
      throw error;
    }
  }

  private async validated(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await super.connect();
      const idleSince = returnedAt.get(client);
      if (idleSince === undefined || Date.now() - idleSince < VALIDATE_AFTER_IDLE_MS) return client;
      try {
        await client.query('SELECT 1');
        return client;
      } catch (error) {
        client.release(error as Error);
        if (!isConnectionLost(error)) throw error;
      }
    }
  }
}
