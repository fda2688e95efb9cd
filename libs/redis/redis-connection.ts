import { withTimeout } from '#resilience';

export type RedisClient = Awaited<ReturnType<typeof makeClient>>;

export interface RedisLimits {
  connectTimeoutMs: number;
  retryMaxMs: number;
  maxWaiting: number;
}

export interface ConnectionEvents {
  /** Must resolve before the connection counts as usable. */
  check(client: RedisClient): Promise<unknown>;
  up(): void;
  /** The connection was lost or an attempt failed. Called for each failed attempt. */
  down(reason: unknown): void;
}

/**
 * One connection, made again whenever it is lost or given up. The client's own reconnection is not used, because it waits
 * without limit for a server that accepts a connection and then stays silent. Calls that wait for an answer fail when the
 * connection is lost, and none waits for a connection.
 */
export class RedisConnection {
  #client: RedisClient | undefined;
  #lose: ((reason: unknown) => void) | undefined;
  #loop: Promise<void> | undefined;
  readonly #stopped = new AbortController();

  constructor(
    private readonly url: string,
    private readonly limits: RedisLimits,
    private readonly events: ConnectionEvents,
  ) {}

  /** The connected client. */
  get client(): RedisClient | undefined {
    return this.#client;
  }

  /** Begins to connect, once. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** Gives the connection up and makes a new one. */
  drop(reason: unknown): void {
    this.#lose?.(reason);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#lose?.('stopped');
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const connected = await this.#connectOnce();
      if (connected) failures = 0;
      if (!signal.aborted) await pause(Math.random() * Math.min(this.limits.retryMaxMs, 50 * 2 ** failures), signal);
    }
  }

  /** @returns whether it connected, when the connection is lost again */
  async #connectOnce(): Promise<boolean> {
    const client = await makeClient(this.url, this.limits);
    if (this.#stopped.signal.aborted) return false;
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => undefined);
    this.#lose = lost.reject;
    client.on('error', lost.reject).on('end', () => lost.reject(new Error('The connection was closed.')));
    try {
      const late = (): never => {
        throw new Error(`No connection within ${this.limits.connectTimeoutMs} ms.`);
      };
      await Promise.race([withTimeout(client.connect(), this.limits.connectTimeoutMs, late), lost.promise]);
      await Promise.race([this.events.check(client), lost.promise]);
      this.#client = client;
      this.events.up();
      return await lost.promise;
    } catch (reason) {
      const connected = this.#client !== undefined;
      this.#client = undefined;
      if (client.isOpen) client.destroy();
      if (!this.#stopped.signal.aborted) this.events.down(reason);
      return connected;
    }
  }
}

/** The client has 423 modules, a tenth of those of a desk: one without Redis starts without them. */
async function makeClient(url: string, { connectTimeoutMs, maxWaiting }: RedisLimits) {
  const { createClient } = await import('@redis/client');
  return createClient({
    url,
    name: 'deskwire',
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxWaiting,
    socket: { reconnectStrategy: false, connectTimeout: connectTimeoutMs },
  });
}

/** Ends early when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
