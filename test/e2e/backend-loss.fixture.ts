import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';

type Query = (...args: unknown[]) => unknown;

/** before: the statement never reaches the server. after: it has run, and its answer is lost. */
export type Moment = 'before' | 'after';

/**
 * Ends the server's side of a connection (pg_terminate_backend) around the nth statement of the first transaction that
 * `work` opens. Other connections of the process continue.
 */
export class BackendLoss {
  private readonly original = pg.Client.prototype.query as unknown as Query;
  private readonly watched = new AsyncLocalStorage<true>();
  private victim: pg.Client | undefined;
  private count = 0;
  /** The statement around which the connection was lost. Undefined if there were fewer. */
  statement: string | undefined;

  constructor(
    private readonly url: string,
    private readonly nth: number,
    private readonly moment: Moment,
  ) {}

  async during<T>(work: () => Promise<T>): Promise<T> {
    const { original } = this;
    const step = (client: pg.Client, args: unknown[]) => this.step(client, args);
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      return step(this, args) ?? original.apply(this, args);
    } as never;
    try {
      return await this.watched.run(true, work);
    } finally {
      pg.Client.prototype.query = original as never;
    }
  }

  private step(client: pg.Client, args: unknown[]): unknown {
    if (!this.watched.getStore() || this.statement !== undefined) return undefined;
    const text = typeof args[0] === 'string' ? args[0] : (args[0] as { text: string }).text;
    if (/^(BEGIN|START TRANSACTION)/i.test(text)) this.victim ??= client;
    if (client !== this.victim || ++this.count !== this.nth) return undefined;
    this.statement = text;
    // TypeORM passes a callback. Other callers await a promise.
    const callback =
      typeof args.at(-1) === 'function' ? (args.at(-1) as (error: unknown, result?: unknown) => void) : undefined;
    const own = callback ? args.slice(0, -1) : args;
    const run = async (): Promise<unknown> => {
      if (this.moment === 'after') await (this.original.apply(client, own) as Promise<unknown>);
      await this.terminate((client as unknown as { processID: number }).processID);
      return this.original.apply(client, this.moment === 'after' ? ['SELECT 1'] : own);
    };
    const outcome = run();
    if (callback === undefined) return outcome;
    outcome.then(
      (result) => callback(null, result),
      (error: unknown) => callback(error),
    );
    return null;
  }

  private async terminate(pid: number): Promise<void> {
    const admin = new pg.Client({ connectionString: this.url });
    await admin.connect();
    await (this.original.call(admin, 'SELECT pg_terminate_backend($1, 5000)', [pid]) as Promise<unknown>);
    await admin.end();
  }
}
