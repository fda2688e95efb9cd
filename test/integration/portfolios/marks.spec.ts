import type { Principal } from '#auth';
import { Database } from '#database';
import { PortfoliosModule, QuotesRepository, QuotesService, SnapshotsService } from '#portfolios';
import { PortfoliosService } from '../../../libs/portfolios/portfolios.service.js';
import { PortfolioPointsTask } from '../../../libs/portfolios/history/portfolio-points.task.js';
import { Clock } from '#time';
import { testModule } from '../../setup/test-module.js';
import { at, member, position, refusal, snapshot } from './desk.fixture.js';

describe('values derived from quotes', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let quotes: QuotesService;
  let portfolios: PortfoliosService;
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
  const one = (id: string) => portfolios.find(trader, id);
  const history = () =>
    database.rows(
      `SELECT to_char(as_of AT TIME ZONE 'UTC', 'MI:SS') AS at, value FROM portfolio_history ORDER BY as_of, portfolio_id`,
    );

  beforeAll(async () => {
    module = await testModule([PortfoliosModule], { env: { DESKWIRE_ROLE: 'web' } });
    quotes = module.get(QuotesService);
    portfolios = module.get(PortfoliosService);
    database = module.get(Database);
    trader = await member(database, 'trader');
    // The session day of the quotes, whenever the desk's moment moves.
    module.get(Clock).now = () => new Date(at(600));
  });
  afterAll(() => module.close());
  beforeEach(() =>
    database.run(
      'TRUNCATE portfolio_snapshots, portfolio_history, quotes, quote_marks, valuation_moments, change_feed, trading_events',
    ),
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
    expect(await quotes.post([quote('A', '101.25', 5)])).toEqual({ stored: 1, stale: 0 });
    const p = await one('p');
    expect(p).toMatchObject({
      value: '3019.5',
      dayPnl: null,
      known: { value: '3019.5', dayPnl: '225' },
      asOf: at(0),
      markedAt: at(5),
    });
    expect(p.positions).toMatchObject([
      { ...position('A', '10', '101.25', { previousClose: '90', multiplier: '2' }), pricedAt: at(5), dayPnl: '225' },
      { ...position('B', '-1', '5.5'), value: '-5.5', dayPnl: null },
    ]);
    expect(p.incomplete).toContainEqual({ position: 'B', field: 'dayPnl', reason: 'no_previous_close' });
    expect(await one('q')).toMatchObject({ value: '2000', markedAt: null });
  });

  it('a quote of one broker prices no position at another', async () => {
    await store(
      snapshot('z', 0, { positions: [position('A')] }),
      snapshot('u', 0, { broker: 'upstox', positions: [position('A')] }),
    );
    expect(await quotes.post([{ ...quote('A', '200', 5), broker: 'upstox' }])).toMatchObject({ stored: 1 });
    expect([(await one('z')).value, (await one('u')).value]).toEqual(['2000', '3000']);
    await store(snapshot('z', 1, { positions: [position('A')] }));
    expect((await one('z')).value).toBe('2000');
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
    expect(await quotes.post([quote('A', '1', 4), quote('A', '2', 5)])).toEqual({ stored: 0, stale: 2 });
    expect(await quotes.post([quote('A', '120', 7), quote('A', '3', 6)])).toEqual({ stored: 1, stale: 1 });
    expect((await one('p')).value).toBe('2200');
  });

  it('a quote older than the snapshot changes no price of it', async () => {
    await store(snapshot('p', 10, { positions: [position('A')] }));
    expect(await quotes.post([quote('A', '110', 5)])).toEqual({ stored: 1, stale: 0 });
    expect((await one('p')).value).toBe('2000');
  });

  it('a snapshot older than the known quotes is marked when it is stored', async () => {
    await quotes.post([quote('A', '110', 5)]);
    await store(snapshot('p', 3, { positions: [position('A')] }), snapshot('q', 6, { positions: [position('A')] }));
    expect(await one('p')).toMatchObject({ value: '2100', asOf: at(3), markedAt: at(5) });
    expect(await one('q')).toMatchObject({ value: '2000', markedAt: null });
  });

  it('a position takes the previous close of a quote and keeps it until another comes', async () => {
    await store(snapshot('p', 0, { positions: [position('A')] }));
    await quotes.post([quote('A', '110', 1, { previousClose: '105' })]);
    expect((await one('p')).dayPnl).toBe('50');
    await quotes.post([quote('A', '111', 2)]);
    expect((await one('p')).dayPnl).toBe('60');
  });

  it('the history has a point for each snapshot and one for the quotes of each run, at the newest', async () => {
    await store(snapshot('p', 0, { positions: [position('A')] }), snapshot('quiet', 0));
    for (const second of [5, 20, 50]) await quotes.post([quote('A', String(100 + second), second)]);
    const task = module.get(PortfolioPointsTask);
    await Promise.all([task.addPoints(), task.addPoints()]);
    await quotes.post([quote('A', '219', 119)]);
    await task.addPoints();
    await store(snapshot('p', 130, { positions: [position('A')] }));
    await task.addPoints();
    expect(await history()).toEqual([
      { at: '45:00', value: '2000' },
      { at: '45:00', value: '1000' },
      { at: '45:50', value: '2500' },
      { at: '46:59', value: '3190' },
      { at: '47:10', value: '2000' },
    ]);
  });

  it('a point has the price of its time: a snapshot that comes late is not priced by later quotes', async () => {
    await quotes.post([quote('A', '110', 5)]);
    await store(snapshot('p', 3, { positions: [position('A')] }));
    expect(await history()).toEqual([{ at: '45:03', value: '2000' }]);
    expect(await one('p')).toMatchObject({ value: '2100' });
  });

  it('quotes append their keys to the change feed, and no portfolio', async () => {
    await store(snapshot('p', 0, { positions: [position('A')] }));
    await database.run('DELETE FROM change_feed');
    await quotes.post([quote('A', '110', 5), quote('B', '110', 5)]);
    expect(await database.rows(`SELECT topic, key, keys FROM change_feed WHERE topic <> 'moment'`)).toEqual([
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
    });
    expect((await one('p')).positions.map(({ key, lastPrice }) => [key, lastPrice])).toEqual(
      keys.map((key) => [key, '101']),
    );
  });
});
