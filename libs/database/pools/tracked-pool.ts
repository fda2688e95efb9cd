import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { isConnectionLost } from '../postgres-error.js';
import { databaseUnavailable, poolExhausted } from '../database.errors.js';
import type { HeldConnections } from './held-connections.js';
import { OpeningPool } from './opening-pool.js';
import type { WaitingConnection } from './lost-connections.js';

/** Idle time in ms after which a connection is checked before it is handed out. */
const VALIDATE_AFTER_IDLE_MS = 30_000;
/** Maximum time in ms for this check. A connection that does not answer is replaced. */
const VALIDATION_TIMEOUT_MS = 2_000;

/** Knows whether the server of a pool answers. */
export interface PoolWatch {
  readonly isSilent: boolean;
  suspect(): void;
}

export interface TrackedPoolOptions extends pg.PoolConfig {
  name: string;
  held: HeldConnections;
  watch: PoolWatch;
  /** Queries after which a connection is replaced. Unset: never. */
  maxQueries?: number;
}

type AnyQuery = (this: pg.Client, ...args: unknown[]) => unknown;

/**
 * Counts its queries. A PostgreSQL process caches each table and plan that it has used, so its memory grows with them.
 */
class CountingClient extends pg.Client {
  queries = 0;

  override query(...args: unknown[]): never {
    this.queries += 1;
    return (pg.Client.prototype.query as AnyQuery).apply(this, args) as never; // pg declares a dozen overloads
  }
}

/** pg-pool's message when the server accepted a connection and then sent nothing. */
const SILENCE = /due to connection timeout/;
/** Delay in ms before the next attempt while the server is silent. */
const ASK_SILENT_AGAIN_MS = 250;

/** Internals of pg. */
interface WaitingClient {
  processID: number | null;
  _activeQuery: object | null;
  connection: { stream: { destroy(): unknown } };
}

type Release = (error?: Error | boolean) => void;
type ConnectCallback = (error: Error | undefined, client: pg.PoolClient | undefined, release: Release) => void;

const returnedAt = new WeakMap<pg.PoolClient, number>();

/** pg's message when the server did not answer within `query_timeout`, although it should have cancelled the statement. */
const NO_ANSWER = /^Query read timeout$/;
/** SQLSTATE of a write in a read-only transaction. */
const REFUSED_WRITE = '25006';

/**
 * The pool with four more additions: it records holders, checks idle connections, answers 503 instead of hanging, and reports a
 * server that does not answer or refuses writes.
 */
export class TrackedPool extends OpeningPool {
  readonly name: string;
  private readonly held: HeldConnections;
  private readonly watch: PoolWatch;
  /** Connections of an earlier generation are replaced: they keep the settings of their start. */
  private generation = 0;
  private readonly generations = new WeakMap<pg.PoolClient, number>();
  private readonly acquireTimeoutMs: number;
  private readonly maxQueries: number;
  /**
   * Set while the server accepts connections but does not answer. Callers are refused at once, and one attempt at a
   * time runs in the background.
   */
  private silent: Error | undefined;

  constructor(options: TrackedPoolOptions) {
    const { name, held, watch, maxQueries = Infinity, ...config } = options;
    super({ ...config, Client: CountingClient } as pg.PoolConfig);
    this.maxQueries = maxQueries;
    this.name = name;
    this.held = held;
    this.watch = watch;
    this.acquireTimeoutMs = config.connectionTimeoutMillis ?? 0;
    // A connection can die before its user adds a listener. An `error` event without a listener ends the process.
    this.on('connect', (client) => {
      client.on('error', () => undefined);
      this.generations.set(client, this.generation);
      if (name === 'app') this.reportRefusedWrites(client);
    });
    this.on('release', (_error: Error, client: pg.PoolClient) => returnedAt.set(client, Date.now()));
  }

  get inUse(): number {
    return this.totalCount - this.idleCount;
  }

  /** Replaces every connection when it is next taken from the pool. */
  renew(): void {
    this.generation += 1;
  }

  /** Its connections that wait for the answer to a statement. */
  waitingConnections(): WaitingConnection[] {
    const { _clients: all } = this as unknown as { _clients: WaitingClient[] };
    return all.flatMap((client) => {
      const { processID: pid, _activeQuery: statement } = client;
      if (pid === null || statement === null) return [];
      const waits = () => client._activeQuery === statement && all.includes(client);
      return { pid, waits, destroy: () => void client.connection.stream.destroy() };
    });
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
        if (error instanceof Error && NO_ANSWER.test(error.message)) this.watch.suspect();
        release.call(client, error ?? (client as unknown as CountingClient).queries >= this.maxQueries);
      };
      return client;
    } catch (error) {
      giveBack();
      if ((error as Error).message === 'timeout exceeded when trying to connect')
        // It waited for one that was being opened, or for one in use.
        throw this.totalCount < this.options.max
          ? databaseUnavailable(error)
          : poolExhausted(this.name, this.acquireTimeoutMs, error);
      throw error;
    }
  }

  private async validated(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.spoken();
      if (this.generations.get(client) !== this.generation) {
        client.release(true);
        continue;
      }
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

  /** Only the first caller waits a whole timeout to detect a silent server. Later callers are refused at once. */
  private async spoken(): Promise<pg.PoolClient> {
    if (this.watch.isSilent || (this.silent && this.idleCount === 0)) throw databaseUnavailable(this.silent);
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

  private reportRefusedWrites(client: pg.PoolClient): void {
    (client as unknown as { connection: EventEmitter }).connection.on('errorMessage', ({ code }: { code?: string }) => {
      if (code === REFUSED_WRITE) this.watch.suspect();
    });
  }

  private async askUntilItSpeaks(): Promise<void> {
    while (this.silent && !this.ending) {
      await new Promise<void>((resolve) => setTimeout(resolve, ASK_SILENT_AGAIN_MS).unref());
      if (this.ending) return;
      try {
        (await super.connect()).release();
        this.silent = undefined;
      } catch (error) {
        // A refused connection is an answer, so callers may try again themselves.
        if (!SILENCE.test((error as Error).message)) this.silent = undefined;
      }
    }
  }
}
