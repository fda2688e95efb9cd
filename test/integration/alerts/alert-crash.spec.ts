import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { uuid8 } from '#ids';
import { AlertingDesk } from './alerting-desk.fixture.js';

const AT = new Date('2026-08-17T03:45:00.123Z');
type Query = (...args: unknown[]) => unknown;

/** Ends the server's side of the connection that is about to run, or has just run, the nth statement of a transaction. */
class Assassin {
  private readonly original = pg.Client.prototype.query as unknown as Query;
  private readonly watched = new AsyncLocalStorage<true>();
  private victim: pg.Client | undefined;
  private count = 0;
  private done = false;

  constructor(
    private readonly url: string,
    private readonly nth: number,
    private readonly when: 'before' | 'after',
  ) {}

  get killed(): boolean {
    return this.done;
  }

  /** Watches the transactions of `work`, and of nothing else. */
  async watch<T>(work: () => Promise<T>): Promise<T> {
    const { original } = this;
    const step = (client: pg.Client, args: unknown[]) => this.step(client, args);
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      return step(this, args) ?? original.apply(this, args);
    } as never;
    try {
      return await this.watched.run(true, work);
    } finally {
      pg.Client.prototype.query = this.original as never;
    }
  }

  private step(client: pg.Client, args: unknown[]): unknown {
    const text = typeof args[0] === 'string' ? args[0] : (args[0] as { text: string }).text;
    // Background tasks have transactions too.
    if (/^START TRANSACTION/.test(text) && this.watched.getStore()) this.victim ??= client;
    if (client !== this.victim || this.done || ++this.count !== this.nth) return undefined;
    this.done = true;
    // TypeORM passes a callback. Other callers await a promise.
    const callback =
      typeof args.at(-1) === 'function' ? (args.at(-1) as (error: unknown, result?: unknown) => void) : undefined;
    const run = async () => {
      if (this.when === 'after')
        await (this.original.apply(client, args.slice(0, callback ? -1 : undefined)) as Promise<unknown>);
      await this.kill((client as unknown as { processID: number }).processID);
      return this.original.apply(
        client,
        this.when === 'after' ? ['SELECT 1'] : args.slice(0, callback ? -1 : undefined),
      );
    };
    const outcome = run();
    if (callback === undefined) return outcome;
    outcome.then(
      (result) => callback(null, result),
      (error: unknown) => callback(error),
    );
    return null;
  }

  private async kill(pid: number): Promise<void> {
    const admin = new pg.Client({ connectionString: this.url });
    await admin.connect();
    await (this.original.call(admin, 'SELECT pg_terminate_backend($1, 5000)', [pid]) as Promise<unknown>);
    await admin.end();
  }
}

describe('a crash between any two statements', () => {
  let desk: AlertingDesk;
  beforeAll(async () => (desk = await AlertingDesk.open()));
  afterAll(() => desk.close());
  beforeEach(() => desk.empty());

  it.each(['before', 'after'] as const)(
    '%s each of them: nothing is lost, nothing doubled after the retry',
    async (when) => {
      const lanes = [await desk.lane(), await desk.lane({ operator: true, format: 'text' })];
      const me = await desk.user();
      await desk.rule(me, { channels: [lanes[0]!], dedupe: { windowSeconds: 600 } });
      await desk.rule(me, { channels: lanes, message: { title: '{payload.nothing}' } });
      let killed = 0;
      for (let nth = 1; ; nth++) {
        const id = uuid8(AT, `${when} ${nth}`);
        const title = `${when} ${nth}`;
        const assassin = new Assassin(desk.testDatabase.url, nth, when);
        const first = await assassin.watch(() =>
          desk.news(title, {}, id).then(
            () => true,
            () => false,
          ),
        );
        if (!assassin.killed) break;
        killed++;
        const state = async () => ({
          events: (await desk.rows('SELECT id FROM trading_events WHERE id = $1', [id])).length,
          alerts: (await desk.rows('SELECT id FROM alerts WHERE event_id = $1', [id])).length,
          deliveries: (
            await desk.rows(
              'SELECT q.id FROM alert_delivery_queue q JOIN alerts a ON a.id = q.alert_id WHERE a.event_id = $1',
              [id],
            )
          ).length,
          unformattable: (
            await desk.rows(`SELECT id FROM trading_events WHERE type = 'AlertUnformattable' AND causation_id = $1`, [
              id,
            ])
          ).length,
        });
        const all = { events: 1, alerts: 2, deliveries: 1, unformattable: 1 };
        const none = { events: 0, alerts: 0, deliveries: 0, unformattable: 0 };
        // After COMMIT all of it is stored, although the answer was lost. Before it, none of it is.
        expect([
          [nth, none],
          [nth, all],
        ]).toContainEqual([nth, await state()]);
        if (first) expect(await state()).toEqual(all);
        await desk.news(title, {}, id);
        expect([nth, await state()]).toEqual([nth, all]);
      }
      expect(killed).toBeGreaterThan(8); // begin, event, rules, windows, alerts, lanes, deliveries, wake, .., commit
    },
  );
});
