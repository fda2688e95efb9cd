import pg from 'pg';

type Query = (this: pg.Client, ...args: unknown[]) => Promise<unknown>;

/**
 * Sends a statement when the previous one is done. TypeORM's schema comparison queries with `Promise.all` on one
 * connection. pg 8 queues that with a deprecation warning, and pg 9 will refuse it.
 */
export class OneAtATimeClient extends pg.Client {
  private last: Promise<unknown> = Promise.resolve();

  override query(...args: unknown[]): never {
    const send = () => (pg.Client.prototype.query as Query).apply(this, args);
    // Only statements that return a promise can be awaited. COPY and callbacks are serialized by their callers.
    const [first] = args as [{ submit?: unknown } | string];
    if (typeof args.at(-1) === 'function' || (typeof first === 'object' && typeof first.submit === 'function'))
      return send() as never;
    const answer = this.last.then(send);
    this.last = answer.catch(() => undefined);
    return answer as never; // pg declares a dozen forms of it
  }
}
