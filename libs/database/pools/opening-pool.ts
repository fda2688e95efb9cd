import pg from 'pg';

/** Connections that one pool opens at the same time. */
const MOST_OPENING = 2;
/** Longest wait in ms, after a connection was opened, for one that is given back. */
const LONGEST_WAIT_MS = 100;

type Connected = (error: Error) => void;

/** Internals of pg-pool. */
interface Internals {
  _pulseQueue(): void;
  _pendingQueue: { callback(error: Error): void }[];
}

/**
 * pg's pool that opens few connections for a burst of short transactions, such as each process has after a start or an
 * outage. Each connection is a process of the server, and most of such a burst would never be used again. So at most two are
 * opened at the same time, and the next one only if none is given back for as long as opening one took.
 */
export class OpeningPool extends pg.Pool {
  private opening = 0;

  constructor(options: pg.PoolConfig) {
    const Client = (options.Client ?? pg.Client) as typeof pg.Client;
    let connecting = (connect: (done: Connected) => void, done: Connected) => connect(done);
    super({
      ...options,
      Client: class extends Client {
        override connect(): Promise<pg.Client>;
        override connect(callback: Connected): void;
        override connect(callback?: Connected): Promise<pg.Client> | void {
          connecting((done) => super.connect(done), callback!); // pg-pool passes one
        }
      },
    } as pg.PoolConfig);
    connecting = (connect, done) => this.open(connect, done);
  }

  /** Those who wait are refused. pg-pool would never answer them. */
  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | void {
    const ended = callback ? super.end(callback) : super.end();
    for (const { callback: refuse } of this.internals._pendingQueue.splice(0))
      refuse(new Error('The pool was ended while this request waited for a connection.'));
    return ended;
  }

  /** pg-pool asks it before it opens a connection. */
  protected _isFull(): boolean {
    return this.totalCount >= this.options.max || this.opening >= MOST_OPENING;
  }

  private open(connect: (done: Connected) => void, done: Connected): void {
    const began = performance.now();
    this.opening += 1;
    connect((error) => {
      if (error) this.opening -= 1;
      else
        setTimeout(
          () => {
            this.opening -= 1;
            this.internals._pulseQueue();
          },
          Math.min(performance.now() - began, LONGEST_WAIT_MS),
        ).unref();
      done(error);
    });
  }

  private get internals(): Internals {
    return this as unknown as Internals;
  }
}
