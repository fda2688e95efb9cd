import { Changes } from '#changes';
import { Database, Transactions } from '#database';
import { PortfoliosModule, QuotesRepository, QuotesService } from '#portfolios';
import { portfoliosConfig } from '#portfolios/config';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { refusal } from './desk.fixture.js';

const BEGIN = Date.parse('2026-11-23T09:15:00Z');
const at = (minutes: number): string => new Date(BEGIN + minutes * 60_000).toISOString();
const exact = (minutes: number): string => at(minutes).replace('Z', '000Z');
const quote = (key: string, price: string, minutes: number, more: object = {}) => ({
  broker: 'zerodha',
  key,
  price,
  asOf: at(minutes),
  ...more,
});
/** Pseudo-random numbers, the same on every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % below;
}

describe('storing quotes', () => {
  let module: TestModule;
  let quotes: QuotesService;
  let database: Database;
  const rows = (sql: string) => database.rows(sql);
  const marks = () =>
    rows(
      `SELECT instrument_key AS key, to_char(slot AT TIME ZONE 'UTC', 'HH24:MI') AS slot, price::text FROM quote_marks ORDER BY 1, slot`,
    );
  /**
   * Everything that quotes leave behind. Of two writers at once, the later may store an older quote as the mark of a half hour that
   * has not passed. The latest quote is newer and replaces it when the half hour passes.
   */
  const state = async () => [
    await rows(
      `SELECT broker, instrument_key, price::text, kind, currency, as_of, previous_close::text, previous_close_date, previous_close_as_of FROM quotes ORDER BY 1, 2`,
    ),
    await rows(
      `SELECT m.broker, m.instrument_key, slot, m.price::text, m.currency, m.as_of FROM quote_marks m
         JOIN quotes q USING (broker, instrument_key) WHERE q.as_of >= m.slot + interval '30 minutes' ORDER BY 1, 2, 3`,
    ),
  ];

  beforeAll(async () => {
    module = await testModule([PortfoliosModule], { env: { PORTFOLIOS_MAX_QUOTES: '600' } });
    quotes = module.get(QuotesService);
    database = module.get(Database);
  });
  afterAll(() => module.close());
  beforeEach(() => database.run('TRUNCATE quotes, quote_marks, change_feed'));

  it('a key is stored and read as it was sent, whatever signs it has', async () => {
    const keys = ['a"b', 'c\\d', '{e,f}', 'NULL', ' g ', "h'i", '\\', '"', 'é😀'];
    await quotes.post(keys.map((key, n) => quote(key, `${n + 1}`, 0)));
    const read = await module.get(QuotesRepository).latest(keys.map((key) => ({ broker: 'zerodha', key })));
    const shownOf = (all: readonly (readonly [string, string])[]) => all.map((each) => each.join(' ')).sort();
    expect(shownOf(read.map(({ key, price }) => [price, key]))).toEqual(
      shownOf(keys.map((key, n) => [`${n + 1}`, key])),
    );
  });

  it('the last price of a half hour becomes a mark when a quote of a later one comes', async () => {
    await quotes.post([quote('A', '1', 0)]);
    await quotes.post([quote('A', '2', 14)]);
    expect(await marks()).toEqual([]);
    await quotes.post([quote('A', '3', 15)]);
    await quotes.post([quote('A', '4', 80), quote('B', '9', 0)]);
    expect(await marks()).toEqual([
      { key: 'A', slot: '09:00', price: '2' },
      { key: 'A', slot: '09:30', price: '3' },
    ]);
  });

  it('a late quote becomes the mark of its half hour if none of it is newer, and is stale', async () => {
    await quotes.post([quote('A', '5', 100)]);
    expect(await quotes.post([quote('A', '1', 5)])).toMatchObject({ stored: 0, stale: 1 });
    await quotes.post([quote('A', '2', 10)]);
    await quotes.post([quote('A', '3', 7)]);
    await quotes.post([quote('A', '4', 99)]);
    expect(await marks()).toEqual([{ key: 'A', slot: '09:00', price: '2' }]);
  });

  it('a previous close stays until a newer message brings another, with the day and time of its message', async () => {
    await quotes.post([quote('A', '1', 1, { previousClose: '90', previousCloseDate: '2026-11-20' })]);
    await quotes.post([quote('A', '2', 5, { kind: 'mark', currency: 'GBp' })]);
    const list = async () => (await quotes.list({ broker: 'zerodha', limit: 10 })).items;
    const closed = { previousClose: '90', previousCloseDate: '2026-11-20', previousCloseAsOf: at(1) };
    expect(await list()).toEqual([
      { broker: 'zerodha', key: 'A', price: '2', kind: 'mark', currency: 'GBp', asOf: at(5), ...closed },
    ]);
    expect(await quotes.post([quote('A', '9', 3, { previousClose: '0' })])).toMatchObject({ stored: 0, stale: 1 });
    await quotes.post([quote('A', '9', 2, { previousClose: '89' })]);
    expect(await list()).toMatchObject([
      { price: '2', kind: 'mark', previousClose: '0', previousCloseDate: null, previousCloseAsOf: at(3) },
    ]);
  });

  it('the same quotes in any order, together or apart, leave the same rows', async () => {
    const roll = dice(5);
    const messages = Array.from({ length: 60 }, (_, n) => {
      const close = roll(3) === 0 ? { previousClose: String(n), previousCloseDate: `2026-11-${10 + roll(9)}` } : {};
      return quote(`K${roll(4)}`, String(1000 + n), n * 7, { ...close, ...(roll(2) ? { currency: 'INR' } : {}) });
    });
    await quotes.post(messages);
    const expected = await state();
    for (let round = 0; round < 8; round++) {
      await database.run('TRUNCATE quotes, quote_marks');
      const rest = [...messages];
      const shuffled = messages.map(() => rest.splice(roll(rest.length), 1)[0]!);
      const parts = Array.from({ length: 12 }, (_, n) => shuffled.slice(n * 5, n * 5 + 5));
      if (round % 2) await Promise.all(parts.map((part) => quotes.post(part)));
      else for (const part of parts) await quotes.post(part);
      expect(await state()).toEqual(expected);
    }
  });

  it('the same quotes of two processes at once leave the same rows, without a deadlock', async () => {
    const other = await testModule([PortfoliosModule], { database: module.database });
    try {
      const roll = dice(9);
      const messages = Array.from({ length: 400 }, (_, n) => quote(`K${roll(8)}`, String(n), n));
      await quotes.post(messages);
      const expected = await state();
      await database.run('TRUNCATE quotes, quote_marks');
      const services = [quotes, other.get(QuotesService)];
      await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          services[n % 2]!.post(messages.filter((_, index) => index % 40 === (n * 17) % 40)),
        ),
      );
      expect(await state()).toEqual(expected);
    } finally {
      await other.close();
    }
  });

  it('the close before a moment is the last mark before it, and none after it', async () => {
    for (const [price, minutes] of [
      ['1', 0],
      ['2', 10],
      ['3', 50],
      ['4', 200],
    ] as const)
      await quotes.post([quote('A', price, minutes)]);
    const before = async (minutes: number) =>
      (await module.get(QuotesRepository).closesBefore([{ broker: 'zerodha', key: 'A', before: at(minutes) }]))[0];
    expect(await before(15)).toEqual({
      broker: 'zerodha',
      key: 'A',
      before: exact(15),
      price: '2',
      currency: null,
      asOf: exact(10),
    });
    expect((await before(75))?.price).toBe('3');
    expect((await before(195))?.price).toBe('3');
    expect((await before(225))?.price).toBe('4');
    expect(await before(-15)).toBeUndefined();
  });

  it('updates of quotes are HOT: no index is touched', async () => {
    const keys = Array.from({ length: 500 }, (_, n) => `H${n}`);
    const post = (minutes: number) =>
      quotes.post(keys.map((key) => quote(key, String(minutes), minutes, { previousClose: '1' })));
    await post(0);
    // A page of new quotes has room for a second version of each. Further ones need the first to be dead to every snapshot.
    await module.get(Transactions).atomic(async () => {
      const counts = async () =>
        (
          await database.rows<{ updated: number; hot: number }>(
            `SELECT n_tup_upd::integer AS updated, n_tup_hot_upd::integer AS hot FROM pg_stat_xact_user_tables WHERE relname = 'quotes'`,
          )
        )[0]!;
      const before = await counts();
      await post(1);
      const after = await counts();
      expect([after.updated - before.updated, after.hot - before.hot]).toEqual([500, 500]);
    });
  });
});

describe('quotes of concurrent requests', () => {
  let module: TestModule;
  let quotes: QuotesService;
  let database: Database;
  const flushes = async () => (await database.rows(`SELECT FROM change_feed WHERE topic = 'quotes'`)).length;

  beforeAll(async () => {
    module = await testModule([PortfoliosModule], {
      env: { PORTFOLIOS_MAX_QUOTES: '600' },
      internals: [portfoliosConfig.with({ quotesWaitingMax: 1_000 })],
    });
    quotes = module.get(QuotesService);
    database = module.get(Database);
  });
  afterAll(() => module.close());
  beforeEach(() => database.run('TRUNCATE quotes, quote_marks, change_feed'));

  it('are written together, and each is answered with its own counts after the commit', async () => {
    const seen: unknown[] = [];
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const answer = await quotes.post([quote(`K${n % 50}`, String(n), n), quote(`own${n}`, '1', 0)]);
        seen.push(...(await database.rows('SELECT FROM quotes WHERE instrument_key = $1', [`own${n}`])));
        return answer;
      }),
    );
    expect(seen).toHaveLength(100);
    expect(await flushes()).toBeLessThanOrEqual(3);
    expect(answers.slice(50)).toEqual(Array(50).fill({ stored: 2, stale: 0 }));
    const total = answers.reduce((sum, { stored, stale }) => [sum[0]! + stored, sum[1]! + stale], [0, 0]);
    expect(total[0]! + total[1]!).toBe(200);
    expect(
      await database.rows(`SELECT DISTINCT price::integer >= 50 AS newest FROM quotes WHERE instrument_key LIKE 'K%'`),
    ).toEqual([{ newest: true }]);
  });

  it('reach a reader of the change feed key by key, in one row a flush', async () => {
    const [changes, transactions] = [module.get(Changes), module.get(Transactions)];
    const before = await transactions.readSnapshot(() => changes.current());
    await quotes.post([quote('A', '1', 0), quote('B', '1', 0)]);
    const { changes: seen } = await transactions.readSnapshot(() => changes.since(before));
    // The desk's moment moves once a minute.
    const ofQuotes = seen!.filter(({ topic }) => topic !== 'moment');
    expect(ofQuotes.map(({ topic, key }) => `${topic} ${key}`).sort()).toEqual([
      'quotes zerodha A',
      'quotes zerodha B',
    ]);
    expect(await flushes()).toBe(1);
    await quotes.post([quote('A', '1', 0)]);
    expect(await flushes()).toBe(1);
  });

  it('do not fail with one that exceeds the quota', async () => {
    const many = Array.from({ length: 601 }, (_, n) => quote(`many${n}`, '1', 0));
    const first = quotes.post([quote('first', '1', 0)]);
    const results = await Promise.all([
      quotes.post([quote('A', '1', 0)]),
      refusal(quotes.post(many)),
      quotes.post([quote('B', '1', 0)]),
    ]);
    await first;
    expect(results).toEqual([{ stored: 1, stale: 0 }, 'PORTFOLIOS_TOO_MANY_QUOTES', { stored: 1, stale: 0 }]);
    expect(await database.rows('SELECT instrument_key AS key FROM quotes ORDER BY 1')).toEqual([
      { key: 'A' },
      { key: 'B' },
      { key: 'first' },
    ]);
  });

  it('are refused with the numbers when too many wait, and accepted again afterwards', async () => {
    const many = () => quotes.post(Array.from({ length: 1_000 }, (_, n) => quote(`K${n % 500}`, '1', 0)));
    // The first is written at once, or waits if another flush was just before. Then the second or the third is one too many.
    const [, , third] = await Promise.allSettled([many(), many(), many()]);
    expect(third).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'PORTFOLIOS_QUOTES_BUSY',
        message: expect.stringContaining('1000 quotes wait to be written, at most 1000 are allowed'),
        details: { kind: 'unavailable', retryAfterMs: 1_000 },
      },
    });
    expect(await quotes.post([quote('late', '1', 0)])).toMatchObject({ stored: 1 });
  });

  it('all fail when the database refuses the flush, and later ones are written', async () => {
    await database.run('ALTER TABLE quotes RENAME TO quotes_gone');
    const posts = [
      quotes.post([quote('A', '1', 0)]),
      quotes.post([quote('B', '1', 0)]),
      quotes.post([quote('C', '1', 0)]),
    ];
    const results = await Promise.allSettled(posts);
    await database.run('ALTER TABLE quotes_gone RENAME TO quotes');
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await quotes.post([quote('A', '1', 0)])).toMatchObject({ stored: 1 });
  });

  it('that wait are written before the process stops', async () => {
    const desk = await testModule([PortfoliosModule], {
      database: module.database,
      internals: [portfoliosConfig.with({ quotesFlushMs: 3_600_000 })],
    });
    const service = desk.get<QuotesService>(QuotesService);
    await service.post([quote('A', '1', 0)]);
    const waiting = Promise.all([service.post([quote('B', '1', 0)]), service.post([quote('C', '1', 0)])]);
    await desk.close();
    expect((await waiting).map(({ stored }) => stored)).toEqual([1, 1]);
    expect(await database.rows('SELECT FROM quotes')).toHaveLength(3);
  });
});
