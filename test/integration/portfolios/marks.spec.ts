import type { Principal } from '#auth';
import { Database } from '#database';
import { PortfoliosModule, PortfoliosRepository, QuotesRepository, QuotesService, SnapshotsService } from '#portfolios';
import { testModule } from '../../setup/test-module.js';
import { at, member, position, refusal, shown, snapshot } from './desk.fixture.js';

describe('marking to market', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let quotes: QuotesService;
  let portfolios: PortfoliosRepository;
  let database: Database;
  let trader: Principal;
  const store = (...items: ReturnType<typeof snapshot>[]) => module.get(SnapshotsService).store(trader, items);
  const quote = (key: string, price: string, second: number, more: object = {}) => ({
    broker: 'zerodha',
    key,
    price,
    asOf: at(second),
    ...more,
  });
  const one = async (id: string) => (await portfolios.find(id))!;
  const history = () =>
    database.rows(
      `SELECT to_char(as_of AT TIME ZONE 'UTC', 'MI:SS') AS at, value FROM portfolio_history ORDER BY as_of`,
    );

  beforeAll(async () => {
    module = await testModule([PortfoliosModule]);
    quotes = module.get(QuotesService);
    portfolios = module.get(PortfoliosRepository);
    database = module.get(Database);
    trader = await member(database, 'trader');
  });
  afterAll(() => module.close());
  beforeEach(() =>
    database.run('TRUNCATE portfolio_snapshots, portfolio_history, quotes, change_feed, trading_events'),
  );

  it('a quote prices the positions with its key, and no others', async () => {
    await store(
      snapshot('p', 0, {
        positions: [
          position('A', '10', '100.00', { previousClose: '90', multiplier: '2' }),
          position('B', '-1', '5.5'),
        ],
      }),
      snapshot('q', 0, { positions: [position('B')] }),
    );
    expect(await quotes.post([quote('A', '101.25', 5)])).toEqual({ stored: 1, stale: 0, marked: 1 });
    const p = await one('p');
    expect(p).toMatchObject({ value: '3019.50', dayPnl: '225.00', asOf: shown(0), markedAt: shown(5) });
    expect(p.positions).toEqual([
      { ...position('A', '10', '101.25', { previousClose: '90', multiplier: '2' }), pricedAt: shown(5) },
      position('B', '-1', '5.5'),
    ]);
    expect(await one('q')).toMatchObject({ value: '2000.00', markedAt: null });
  });

  it('a quote of one broker prices no position at another', async () => {
    await store(
      snapshot('z', 0, { positions: [position('A')] }),
      snapshot('u', 0, { broker: 'upstox', positions: [position('A')] }),
    );
    expect(await quotes.post([{ ...quote('A', '200', 5), broker: 'upstox' }])).toMatchObject({ marked: 1 });
    expect([(await one('z')).value, (await one('u')).value]).toEqual(['2000.00', '3000.00']);
    await store(snapshot('z', 1, { positions: [position('A')] }));
    expect((await one('z')).value).toBe('2000.00');
    expect(
      await module.get(QuotesRepository).latest([
        { broker: 'zerodha', key: 'A' },
        { broker: 'upstox', key: 'A' },
      ]),
    ).toHaveLength(1);
  });

  it("a mark leaves positions unchanged that only another broker's quote names", async () => {
    await store(snapshot('z', 0, { positions: [position('A', '1', '1'), position('B', '1', '1')] }));
    await quotes.post([{ ...quote('B', '900', 5), broker: 'upstox' }, quote('A', '2', 6)]);
    expect((await one('z')).positions.map(({ lastPrice }) => lastPrice)).toEqual(['2', '1']);
  });

  it('a quote as old as or older than the known one is stale and marks nothing', async () => {
    await store(snapshot('p', 0, { positions: [position('A')] }));
    await quotes.post([quote('A', '110', 5)]);
    expect(await quotes.post([quote('A', '1', 4), quote('A', '2', 5)])).toEqual({ stored: 0, stale: 2, marked: 0 });
    expect(await quotes.post([quote('A', '120', 7), quote('A', '3', 6)])).toEqual({ stored: 1, stale: 1, marked: 1 });
    expect((await one('p')).value).toBe('2200.00');
  });

  it('a quote older than the snapshot changes no price of it', async () => {
    await store(snapshot('p', 10, { positions: [position('A')] }));
    expect(await quotes.post([quote('A', '110', 5)])).toEqual({ stored: 1, stale: 0, marked: 0 });
    expect((await one('p')).value).toBe('2000.00');
  });

  it('a snapshot older than the known quotes is marked when it is stored', async () => {
    await quotes.post([quote('A', '110', 5)]);
    await store(snapshot('p', 3, { positions: [position('A')] }), snapshot('q', 6, { positions: [position('A')] }));
    expect(await one('p')).toMatchObject({ value: '2100.00', asOf: shown(3), markedAt: shown(5) });
    expect(await one('q')).toMatchObject({ value: '2000.00', markedAt: null });
  });

  it('a position takes the previous close of a quote and keeps it until another comes', async () => {
    await store(snapshot('p', 0, { positions: [position('A')] }));
    await quotes.post([quote('A', '110', 1, { previousClose: '105' })]);
    expect((await one('p')).dayPnl).toBe('50');
    await quotes.post([quote('A', '111', 2)]);
    expect((await one('p')).dayPnl).toBe('60');
  });

  it('the history has a point for each snapshot and at most one a minute for marks, the last', async () => {
    await store(snapshot('p', 0, { positions: [position('A')] }));
    for (const second of [5, 20, 50, 61, 119]) await quotes.post([quote('A', String(100 + second), second)]);
    await store(snapshot('p', 130, { positions: [position('A')] }));
    expect(await history()).toEqual([
      { at: '45:00', value: '2000.00' },
      { at: '45:50', value: '2500.00' },
      { at: '46:59', value: '3190.00' },
      { at: '47:10', value: '2000.00' },
    ]);
  });

  it('quotes append one row with their keys, and every marked portfolio, to the change feed', async () => {
    await store(snapshot('p', 0, { positions: [position('A')] }), snapshot('q', 0, { positions: [position('A')] }));
    await database.run('DELETE FROM change_feed');
    await quotes.post([quote('A', '110', 5), quote('B', '110', 5)]);
    expect(await database.rows('SELECT topic, key, keys FROM change_feed ORDER BY topic, key')).toEqual([
      { topic: 'portfolios', key: 'p', keys: null },
      { topic: 'portfolios', key: 'q', keys: null },
      { topic: 'quotes', key: null, keys: ['zerodha A', 'zerodha B'] },
    ]);
  });

  it('a quote from the future is refused with the name of its field', async () => {
    const late = { ...quote('A', '1', 0), asOf: new Date(Date.now() + 301_000).toISOString() };
    expect(await refusal(quotes.post([quote('A', '1', 0), late]))).toBe('REQUEST_INVALID quotes[1].asOf');
  });

  it('a key of any text is stored unchanged', async () => {
    const keys = ['Ω≈ç√', '👩‍👧', '\u202e', `'"\\{},NULL`, ' ', '$1', '%s', '<b>'];
    await store(snapshot('p', 0, { positions: keys.map((key) => position(key)) }));
    expect(await quotes.post(keys.map((key) => quote(key, '101', 1)))).toEqual({
      stored: keys.length,
      stale: 0,
      marked: 1,
    });
    expect((await one('p')).positions.map(({ key, lastPrice }) => [key, lastPrice])).toEqual(
      keys.map((key) => [key, '101']),
    );
  });
});
