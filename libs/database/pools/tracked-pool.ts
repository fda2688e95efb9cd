import pg from 'pg';
import { isConnectionLost } from '../postgres-error.js';
import { databaseUnavailable, poolExhausted } from '../database.errors.js';
import type { HeldConnections } from './held-connections.js';

/** After this long in the pool a connection is asked whether it is still there before it is given out. */
const VALIDATE_AFTER_IDLE_MS = 30_000;
/** A connection that does not answer in this time is replaced. */
const VALIDATION_TIMEOUT_MS = 2_000;

export interface TrackedPoolOptions extends pg.PoolConfig {
  name: string;
  held: HeldConnections;
  /** Queries after which a connection is replaced. Unset: never. */
  maxQueries?: number;
}

type AnyQuery = (this: pg.Client, ...args: unknown[]) => unknown;

/** Counts its queries: a server process keeps what it learned of each table and plan, so its memory grows with them. */
class CountingClient extends pg.Client {
  queries = 0;

  override query(...args: unknown[]): never {
    this.queries += 1;
    return (pg.Client.prototype.query as AnyQuery).apply(this, args) as never; // pg declares a dozen overloads
  }
}

/** What pg-pool says when a new connection was taken by the server and then nothing came. */
const SILENCE = /due to connection timeout/;
/** While the server is silent, it is asked again this long after the last failure. */
const ASK_SILENT_AGAIN_MS = 250;

type Release = (error?: Error | boolean) => void;
type ConnectCallback = (error: Error | undefined, client: pg.PoolClient | undefined, release: Release) => void;

const returnedAt = new WeakMap<pg.PoolClient, number>();

/** pg's pool that knows who holds what, validates what idled, and says 503 instead of hanging. */
export class TrackedPool extends pg.Pool {
  readonly name: string;
  private readonly held: HeldConnections;
  private readonly acquireTimeoutMs: number;
  private readonly maxQueries: number;
  /** Why, while the server takes connections and says nothing: callers are refused at once, and one attempt after another asks behind them. */
  private silent: Error | undefined;

  constructor(options: TrackedPoolOptions) {
    const { name, held, maxQueries = Infinity, ...config } = options;
    super({ ...config, Client: CountingClient } as pg.PoolConfig);
    this.maxQueries = maxQueries;
    this.name = name;
    this.held = held;
    this.acquireTimeoutMs = config.connectionTimeoutMillis ?? 0;
    // A connection can die between its start and the listener of its user. Without a listener `error` ends the process.
    this.on('connect', (client) => client.on('error', () => undefined));
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
        release.call(client, error ?? (client as unknown as CountingClient).queries >= this.maxQueries);
      };
      return client;
    } catch (error) {
      giveBack();
      if ((error as Error).message === 'timeout exceeded when trying to connect')
        throw poolExhausted(this.name, this.acquireTimeoutMs, error);
      throw error;
    }
  }

  private async validated(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.spoken();
      const idleSince = returnedAt.get(client);
      if (idleSince === undefined || Date.now() - idleSince < VALIDATE_AFTER_IDLE_MS) return client;
      try {
        await client.query({ text: 'SELECT 1', query_timeout: VALIDATION_TIMEOUT_MS } as pg.QueryConfig);
        return client;
      } catch (error) {
        client.release(error as Error);
        if (!isConnectionLost(error)) throw error;
      }
    }
  }

  /** One waits a whole timeout to learn that the server is silent; nobody after it should. */
  private async spoken(): Promise<pg.PoolClient> {
    if (this.silent && this.idleCount === 0) throw databaseUnavailable(this.silent);
    try {
      return await super.connect();
    } catch (error) {
      if (!this.silent && SILENCE.test((error as Error).message)) {
        this.silent = error as Error;
        void this.askUntilItSpeaks();
      }
      throw error;
    }
  }

  private async askUntilItSpeaks(): Promise<void> {
    while (this.silent && !this.ending) {
      await new Promise<void>((resolve) => setTimeout(resolve, ASK_SILENT_AGAIN_MS).unref());
      if (this.ending) return;
      try {
        (await super.connect()).release();
        this.silent = undefined;
      } catch (error) {
        // Refused is an answer: from now on each caller finds out at once.
        if (!SILENCE.test((error as Error).message)) this.silent = undefined;
      }
    }
  }
}
