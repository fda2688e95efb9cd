import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { Database, Transactions } from '#database';
import { EventListeners, EventsModule } from '#events';
import { FeedsModule, FeedsService } from '#feeds';
import { FeedReplay } from '../../../libs/feeds/replay/feed-replay.js';
import { withCorrelation } from '#telemetry';
import { FeedRecorder } from '../../../libs/feeds/cycles/feed-recorder.js';
import { parseFeed } from '../../../libs/feeds/formats/parse-feed.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { made, rss } from './rss.fixture.js';

/**
 * Position of the connection loss: before a statement reaches the server, or after it has run and before its answer
 * arrives.
 */
type Moment = 'before' | 'after';

describe('claims', () => {
  let module: TestModule;
  let rows: <T = any>(sql: string, params?: unknown[]) => Promise<T[]>;
  const query = pg.Client.prototype.query;
  // Background tasks open transactions too.
  const inReplay = new AsyncLocalStorage<object>();

  beforeAll(async () => {
    module = await testModule([FeedsModule, EventsModule]);
    rows = (sql, params) => module.get(Database).rows(sql, params) as never;
    await rows('CREATE TABLE told (event_id uuid NOT NULL)');
    // Stands for alerts and deliveries: rows written by a listener in the recorder's transaction.
    module.get(EventListeners).add({
      name: 'told',
      recorded: async (events) =>
        void (await rows('INSERT INTO told SELECT unnest($1::uuid[])', [events.map(({ id }) => id)])),
    });
  });
  afterEach(() => (pg.Client.prototype.query = query));
  afterAll(() => module.close());

  const source = async (name: string) =>
    (await module.get(FeedsService).forReplay({ name, kind: 'rss', url: 'https://wire.example/rss' })).id;
  const state = async (sourceId: string) => {
    const [row] = await rows(
      `SELECT (SELECT count(*)::int FROM feed_seen_items WHERE source_id = $1) AS claims,
              (SELECT count(*)::int FROM trading_events WHERE payload->>'sourceId' = $1::text) AS events,
              (SELECT count(DISTINCT payload->>'title')::int FROM trading_events WHERE payload->>'sourceId' = $1::text) AS titles,
              (SELECT count(*)::int FROM told JOIN trading_events e ON e.id = event_id WHERE payload->>'sourceId' = $1::text) AS told`,
      [sourceId],
    );
    return row;
  };

  it('200 concurrent claims of one item make one event, reported once', async () => {
    const id = await source('crowd');
    const { items } = await parseFeed('rss', rss(made(1)));
    const take = () =>
      withCorrelation(undefined, () =>
        module.get(Transactions).atomic(() => module.get(FeedRecorder).take({ id, name: 'crowd' }, items, new Date())),
      );
    const taken = await Promise.all(Array.from({ length: 200 }, take));
    expect(taken.filter(({ fresh }) => fresh === 1)).toHaveLength(1);
    expect(taken.filter(({ seen }) => seen === 1)).toHaveLength(199);
    expect(await state(id)).toEqual({ claims: 1, events: 1, titles: 1, told: 1 });
  });

  it('claims of overlapping polls in opposite order do not deadlock, and each item is reported once', async () => {
    const id = await source('opposite');
    const { items } = await parseFeed('rss', rss(made(300)));
    const take = (some: typeof items) =>
      withCorrelation(undefined, () =>
        module
          .get(Transactions)
          .atomic(() => module.get(FeedRecorder).take({ id, name: 'opposite' }, some, new Date())),
      );
    await Promise.all(Array.from({ length: 16 }, (_, index) => take(index % 2 === 0 ? items : items.toReversed())));
    expect(await state(id)).toEqual({ claims: 300, events: 300, titles: 300, told: 300 });
  });

  it('a claim that waits for another transaction is granted when that rolls back', async () => {
    const id = await source('rolled back');
    const { items } = await parseFeed('rss', rss(made(1)));
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const first = withCorrelation(undefined, () =>
      module.get(Transactions).atomic(async () => {
        await module.get(FeedRecorder).take({ id, name: 'rolled back' }, items, new Date());
        begun.resolve();
        await end.promise;
        throw new Error('rolled back');
      }),
    );
    await begun.promise;
    const second = withCorrelation(undefined, () =>
      module
        .get(Transactions)
        .atomic(() => module.get(FeedRecorder).take({ id, name: 'rolled back' }, items, new Date())),
    );
    end.resolve();
    await expect(first).rejects.toThrow('rolled back');
    expect(await second).toEqual({ fresh: 1, unalerted: 0, revised: 0, seen: 0 });
    expect(await state(id)).toEqual({ claims: 1, events: 1, titles: 1, told: 1 });
  });

  it('claims survive the loss of the backend at any statement: no item is lost or doubled', async () => {
    const pages = [Buffer.from(rss(made(3)))];
    let statements = 0;
    let committed = 0;
    for (const moment of ['before', 'after'] as const) {
      for (let at = 1; ; at++) {
        const id = await source(`crash ${moment} ${at}`);
        const crash = loseConnectionAt(at, moment);
        const result = await inReplay.run(crash, () => module.get(FeedReplay).replay(id, { name: 'crash', pages }));
        pg.Client.prototype.query = query;
        if (!crash.done) break;
        statements = Math.max(statements, at);
        expect({ moment, at, outcome: result.outcome }).toEqual({ moment, at, outcome: 'lost' });
        const after = await state(id);
        // Either all of it is stored or none.
        expect([0, 3]).toContain(after.claims);
        expect(after).toEqual({ claims: after.claims, events: after.claims, titles: after.claims, told: after.claims });
        if (after.claims === 3) committed++;
        await rows('UPDATE feed_sources SET lease_until = NULL WHERE id = $1', [id]); // Simulates the passing of time.
        const again = await module.get(FeedReplay).replay(id, { name: 'crash', pages });
        expect(again.outcome).toBe(after.claims === 3 ? 'empty' : 'fresh');
        expect(await state(id)).toEqual({ claims: 3, events: 3, titles: 3, told: 3 });
      }
    }
    // BEGIN, claims, events, listener, lock, end of the cycle, its record, the change feed, COMMIT.
    expect(statements).toBeGreaterThanOrEqual(9);
    // After COMMIT has run, everything is stored, although the answer was lost.
    expect(committed).toBe(1);
  });

  it('a claim is rolled back when a listener fails, and the next poll records the item', async () => {
    const id = await source('listener');
    await rows('ALTER TABLE told RENAME TO told_away');
    const pages = [Buffer.from(rss(made(2)))];
    expect(await module.get(FeedReplay).replay(id, { name: 'x', pages })).toMatchObject({ outcome: 'lost', fresh: 0 });
    await rows('ALTER TABLE told_away RENAME TO told');
    expect(await state(id)).toMatchObject({ claims: 0, events: 0 });
    const [{ unfinished, consecutive_failures: failures }] = await rows(
      'SELECT unfinished, consecutive_failures FROM feed_sources WHERE id = $1',
      [id],
    );
    // The desk failed, so the counters of the feed are unchanged.
    expect({ unfinished, failures }).toEqual({ unfinished: 0, failures: 0 });
    expect(await module.get(FeedReplay).replay(id, { name: 'x', pages })).toMatchObject({ outcome: 'fresh', fresh: 2 });
  });

  it('a changed title or text is a revision linked to the first event, and changed markup is not', async () => {
    const id = await source('revised');
    const poll = (title: string, text: string) =>
      module.get(FeedReplay).replay(id, { name: 'x', pages: [Buffer.from(rss([{ guid: 'a', title, text }]))] });
    await poll('First title', 'Some text');
    expect(await poll('First title', '&lt;p&gt;Some   &lt;b&gt;text&lt;/b&gt;&lt;/p&gt;')).toMatchObject({
      fresh: 0,
      revised: 0,
      seen: 1,
    });
    expect(await poll('Second title', 'Some text')).toMatchObject({ outcome: 'fresh', fresh: 0, revised: 1 });
    expect(await poll('Second title', 'Other text')).toMatchObject({ revised: 1 });
    const events = await rows(
      `SELECT id, type, causation_id, payload FROM trading_events WHERE payload->>'sourceId' = $1 ORDER BY id`,
      [id],
    );
    expect(events.map(({ type }) => type)).toEqual(['NewsPublished', 'NewsRevised', 'NewsRevised']);
    expect(events[1]).toMatchObject({
      causation_id: events[0].id,
      payload: { firstEventId: events[0].id, previousTitle: 'First title', title: 'Second title', revision: 1 },
    });
    expect(events[2]).toMatchObject({ causation_id: events[0].id, payload: { revision: 2 } });
  });

  it('a later filer is merged into its filing by accession number, without another event', async () => {
    const { id } = await module
      .get(FeedsService)
      .forReplay({ name: 'edgar', kind: 'edgar', url: 'https://www.sec.gov/cgi-bin/browse-edgar?action=getcurrent' });
    const entry = (filer: string) =>
      `<entry><title>SC 13D - ${filer}</title><summary>Filed: 2025-12-12</summary><updated>2025-12-12T18:00:00-05:00</updated><category term="SC 13D"/><id>urn:tag:sec.gov,2008:accession-number=0000000042-25-000001</id></entry>`;
    const poll = (...filers: string[]) =>
      module.get(FeedReplay).replay(id, {
        name: 'x',
        pages: [
          Buffer.from(
            `<feed xmlns="http://www.w3.org/2005/Atom"><title>Latest</title>${filers.map(entry).join('')}</feed>`,
          ),
        ],
      });
    const [acme, buyer] = ['ACME INC (0000000001) (Subject)', 'BUYER LLC (0000000002) (Filed by)'];
    expect(await poll(acme)).toMatchObject({ outcome: 'fresh', fresh: 1 });
    expect(await poll(acme, buyer)).toMatchObject({ outcome: 'empty', fresh: 0, revised: 0, seen: 1 });
    // One of its entries has moved to the next page, so nothing is removed.
    expect(await poll(buyer)).toMatchObject({ outcome: 'empty', seen: 1 });
    const [{ filers }] = await rows(`SELECT filers FROM filings WHERE accession = '0000000042-25-000001'`);
    expect(filers.map(({ name }: { name: string }) => name).sort()).toEqual(['ACME INC', 'BUYER LLC']);
    expect(await rows(`SELECT FROM trading_events WHERE payload->>'accession' = '0000000042-25-000001'`)).toHaveLength(
      1,
    );
  });

  it('claims expire by age since the last complete answer, so a feed that answers 304 for months keeps its claims', async () => {
    const { SeenItemsRepository } = await import('../../../libs/feeds/cycles/seen-items.repository.js');
    const id = await source('old');
    await module.get(FeedReplay).replay(id, { name: 'x', pages: [Buffer.from(rss(made(3)))] });
    await rows(`UPDATE feed_seen_items SET last_seen_at = now() - interval '100 days' WHERE source_id = $1`, [id]);
    await rows(`UPDATE feed_sources SET last_body_at = now() - interval '99 days' WHERE id = $1`, [id]);
    expect(await module.get(SeenItemsRepository).forget(90, 10_000)).toBe(0);
    await module.get(FeedReplay).replay(id, { name: 'x', pages: [Buffer.from(rss(made(1)))] });
    expect(await module.get(SeenItemsRepository).forget(90, 10_000)).toBe(2);
    // The claim of the listed item was updated, so it is still known.
    expect(
      await module
        .get(FeedReplay)
        .replay(id, { name: 'x', pages: [Buffer.from(rss(made(1)).replace('Made wire', 'Made Wire'))] }),
    ).toMatchObject({ fresh: 0, seen: 1 });
  });

  /** Ends the backend around the `at`-th statement of the next transaction that claims. */
  function loseConnectionAt(at: number, moment: Moment): { done: boolean } {
    const crash = { done: false };
    const admin = (pid: number) => {
      const client = new pg.Client({ connectionString: module.database.url });
      return client
        .connect()
        .then(() => (query as any).call(client, 'SELECT pg_terminate_backend($1)', [pid]) as Promise<unknown>)
        .then(() => client.end());
    };
    let open = 0;
    let count = 0;
    pg.Client.prototype.query = function (this: pg.Client, ...args: any[]): any {
      const text: string = args[0]?.text ?? args[0];
      if (crash.done) return (query as any).apply(this, args);
      const { processID: pid } = this as unknown as { processID: number };
      if (/^(BEGIN|START TRANSACTION)/i.test(text) && open === 0 && inReplay.getStore() === crash) open = pid;
      if (pid !== open || ++count !== at) return (query as any).apply(this, args);
      crash.done = true;
      const callback = args.find((arg) => typeof arg === 'function') as ((error: Error) => void) | undefined;
      const lost = async () => {
        if (moment === 'after')
          await (query as any).apply(
            this,
            args.filter((arg) => typeof arg !== 'function'),
          );
        await admin(pid);
        throw new Error('Connection terminated unexpectedly');
      };
      if (callback === undefined) return lost();
      lost().catch(callback);
    } as never;
    return crash;
  }
});
