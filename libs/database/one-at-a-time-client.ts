import pg from 'pg';

type Query = (this: pg.Client, ...args: any[]) => any;

/**
 * Sends a statement when the one before it is done. TypeORM's comparison of entities and schema asks with `Promise.all` on
 * one connection; pg 8 queues that with a deprecation warning, and pg 9 will refuse it.
 */
export class OneAtATimeClient extends pg.Client {
  private last: Promise<unknown> = Promise.resolve();

  override query(...args: any[]): any {
    const send = () => (pg.Client.prototype.query as Query).apply(this, args);
    // Only what answers with a promise can be waited for; COPY and callbacks have their own way of being one at a time.
    if (typeof args.at(-1) === 'function' || typeof args[0]?.submit === 'function') return send();
    const answer = this.last.then(send);
    this.last = answer.then(
      () => undefined,
      () => undefined,
    );
    return answer;
  }
}
