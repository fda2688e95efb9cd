import type { Principal } from '#auth';
import { Database } from '#database';
import { PortfoliosModule, PortfoliosRepository, SnapshotsService } from '#portfolios';
import { PortfoliosService } from '../../../libs/portfolios/portfolios.service.js';
import { Clock } from '#time';
import { testModule } from '../../setup/test-module.js';
import { at, member, position, refusal, snapshot } from './desk.fixture.js';

describe('storing snapshots', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let service: SnapshotsService;
  let portfolios: PortfoliosRepository;
  let database: Database;
  let trader: Principal;
  let other: Principal;
  let operator: Principal;
  const store = async (principal: Principal, ...items: ReturnType<typeof snapshot>[]) =>
    (await service.store(principal, items)).map(({ portfolioId, status, code, issues = [] }) =>
      [portfolioId, status, code, ...issues.map(({ field }) => field)].filter(Boolean).join(' '),
    );
  const one = (id: string) => module.get(PortfoliosService).find(operator, id);

  beforeAll(async () => {
    module = await testModule([PortfoliosModule]);
    service = module.get(SnapshotsService);
    portfolios = module.get(PortfoliosRepository);
    database = module.get(Database);
    // The session day of the snapshots, whenever the desk's moment moves.
    module.get(Clock).now = () => new Date(at(600));
    [trader, other, operator] = [
      await member(database, 'trader'),
      await member(database, 'trader'),
      await member(database, 'operator'),
    ];
  });
  afterAll(() => module.close());
  beforeEach(() =>
    database.run(
      'TRUNCATE portfolio_snapshots, portfolio_history, quotes, valuation_moments, change_feed, trading_events',
    ),
  );

  it('the value is summed exactly, where a double would be wrong', async () => {
    const positions = [
      position('A', '3', '0.1', { previousClose: '0.3' }),
      position('B', '-0.000000000001', '99999999999999999999999999.999999999999', {
        previousClose: '1',
        multiplier: '75',
      }),
      position('C', '1', '7', { previousClose: '7' }),
    ];
    await store(trader, snapshot('p', 0, { cash: '0.20', positions }));
    expect(await one('p')).toMatchObject({
      value: '-7499999999999992.5',
      dayPnl: '-7500000000000000.599999999925',
      cash: '0.20',
      positions,
      asOf: at(0),
      markedAt: null,
      userId: trader.userId,
    });
  });

  it('an amount of 26 digits before and 18 after the point comes back digit for digit', async () => {
    const cash = `${'9'.repeat(26)}.123456789012345678`;
    await store(trader, snapshot('p', 0, { cash, positions: [position('A', '0.000000000000000001', '1')] }));
    expect(await one('p')).toMatchObject({
      cash,
      value: `${'9'.repeat(26)}.123456789012345679`,
      positions: [{ quantity: '0.000000000000000001' }],
    });
  });

  it('an older snapshot is stale; an equally old one is stored if it is the same, else stale', async () => {
    const first = snapshot('p', 10, { positions: [position('A')] });
    expect(await store(trader, first)).toEqual(['p stored']);
    expect(await store(trader, snapshot('p', 9, { cash: '1' }))).toEqual(['p stale']);
    expect(await store(trader, first)).toEqual(['p stored']);
    expect(await store(trader, { ...first, cash: '1' })).toEqual(['p stale']);
    expect((await one('p')).cash).toBe('1000.00');
    expect(await database.rows(`SELECT key FROM change_feed WHERE topic = 'portfolios'`)).toEqual([{ key: 'p' }]);
    expect(await database.rows('SELECT portfolio_id FROM portfolio_history')).toHaveLength(1);
    expect(await store(trader, snapshot('p', 11, { cash: '2' }))).toEqual(['p stored']);
    expect((await one('p')).cash).toBe('2');
  });

  it('a snapshot that is sent again with the time that its answer shows is stored, whatever microseconds were sent', async () => {
    const position = { key: 'K', quantity: '1', averagePrice: '1', lastPrice: '1' };
    const sent = (asOf: string, cash = '2') => {
      const positions = [{ ...position, pricedAt: asOf }];
      return store(trader, snapshot('p', 0, { asOf, cash, positions }));
    };
    expect(await sent('2026-08-17T09:15:00.123456+05:30')).toEqual(['p stored']);
    const { asOf } = await one('p');
    expect(asOf).toBe('2026-08-17T03:45:00.123Z');
    expect([await sent(asOf, '1'), await sent('2026-08-17T03:45:00.123999Z', '1')]).toEqual([['p stale'], ['p stale']]);
    expect([await sent(asOf), await sent('2026-08-17T03:45:00.123999Z')]).toEqual([['p stored'], ['p stored']]);
    expect(await sent('2026-08-17T03:45:00.124Z', '1')).toEqual(['p stored']);
    // As an earlier version stored it.
    await database.rows(`UPDATE portfolio_snapshots SET as_of = as_of + interval '7 microseconds'`);
    expect([await sent((await one('p')).asOf, '1')]).toEqual([['p stored']]);
  });

  it('of several snapshots of a portfolio in one call the newest is stored, and each gets its status', async () => {
    const items = [
      snapshot('b', 2, { cash: '2' }),
      snapshot('a', 1),
      snapshot('b', 3, { cash: '3' }),
      snapshot('b', 1, { cash: '1' }),
    ];
    expect(await store(trader, ...items)).toEqual(['b stale', 'a stored', 'b stored', 'b stale']);
    expect((await one('b')).cash).toBe('3');
  });

  it('a refused snapshot stops no other of the call, and put throws its error', async () => {
    await store(other, snapshot('theirs', 0));
    expect(await store(trader, snapshot('a', 0), snapshot('theirs', 1), snapshot('b', 0))).toEqual([
      'a stored',
      'theirs refused PORTFOLIOS_NOT_YOURS',
      'b stored',
    ]);
    expect((await one('theirs')).userId).toBe(other.userId);
    expect(await refusal(service.put(trader, snapshot('theirs', 1)))).toBe('PORTFOLIOS_NOT_YOURS');
    expect(
      await database.rows(`SELECT key FROM change_feed WHERE topic = 'portfolios' ORDER BY key COLLATE "C"`),
    ).toEqual([{ key: 'a' }, { key: 'b' }, { key: 'theirs' }]);
  });

  it('an older snapshot of a portfolio is stored if the newest of the call is refused', async () => {
    await store(trader, snapshot('p', 0));
    expect(await store(trader, snapshot('p', 2, { account: 'X' }), snapshot('p', 1, { cash: '1' }))).toEqual([
      'p refused PORTFOLIOS_ACCOUNT_MISMATCH',
      'p stored',
    ]);
    expect((await one('p')).cash).toBe('1');
  });

  it('another user is refused in the same way whichever broker, account or time they name', async () => {
    await store(other, snapshot('p', 10));
    for (const more of [{}, { broker: 'upstox' }, { account: 'X' }, { asOf: at(1) }, { asOf: at(20) }]) {
      expect(await store(trader, snapshot('p', 10, more))).toEqual(['p refused PORTFOLIOS_NOT_YOURS']);
    }
    expect(await portfolios.find('p', trader.userId)).toBeUndefined();
    expect(await portfolios.rows({ userId: trader.userId })).toEqual([]);
  });

  it('a portfolio cannot change its broker or account', async () => {
    await store(trader, snapshot('p', 0));
    expect(await store(trader, snapshot('p', 1, { broker: 'upstox' }))).toEqual([
      'p refused PORTFOLIOS_ACCOUNT_MISMATCH',
    ]);
    expect(await store(trader, snapshot('p', 1, { account: 'ZZ' }))).toEqual(['p refused PORTFOLIOS_ACCOUNT_MISMATCH']);
  });

  it('only operators name an owner, who must exist', async () => {
    expect(await store(trader, snapshot('x', 0), snapshot('p', 0, { userId: other.userId }))).toEqual([
      'x stored',
      'p refused PORTFOLIOS_OWNER_REFUSED userId',
    ]);
    expect(await store(trader, snapshot('p', 0, { userId: trader.userId }))).toEqual(['p stored']);
    const nobody = '01990000-0000-7000-8000-00000000dead';
    expect(await store(operator, snapshot('z', 0), snapshot('y', 0, { userId: nobody }))).toEqual([
      'z stored',
      'y refused REQUEST_INVALID userId',
    ]);
    expect(await portfolios.find('y')).toBeUndefined();
    expect(await store(operator, snapshot('p', 1))).toEqual(['p refused PORTFOLIOS_OWNER_MISMATCH']);
  });

  it('an operator moves a portfolio to another owner, and each event is recorded once', async () => {
    await store(trader, snapshot('p', 0));
    await store(trader, snapshot('p', 1));
    expect(await store(operator, snapshot('p', 2, { userId: other.userId }))).toEqual(['p stored']);
    expect((await one('p')).userId).toBe(other.userId);
    expect(await database.rows('SELECT type, user_id FROM trading_events ORDER BY type')).toEqual([
      { type: 'PortfolioOpened', user_id: trader.userId },
      { type: 'PortfolioOwnerChanged', user_id: other.userId },
    ]);
  });

  it('a snapshot from the future is refused with its field, because it would lock out later ones', async () => {
    const late = new Date(Date.now() + 301_000).toISOString();
    const priced = [position('A'), position('B', '1', '1', { pricedAt: late })];
    expect(
      await store(trader, snapshot('a', 0), snapshot('b', 0, { asOf: late }), snapshot('c', 0, { positions: priced })),
    ).toEqual(['a stored', 'b refused REQUEST_INVALID asOf', 'c refused REQUEST_INVALID positions[1].pricedAt']);
  });

  it('what a snapshot says of venue, day, cash by currency and the broker is stored as sent', async () => {
    const positions = [
      position('A', '10', '100.00', {
        leg: 'LONG',
        averagePrice: null,
        pricedAt: '2026-08-17T09:14:59+05:30',
        currency: 'GBp',
        valuation: 'margined',
        pricing: 'inverse',
        settlementPrice: '99',
        day: { openQuantity: '10', buyQuantity: '5', buyValue: '500.00', sellQuantity: '5', sellValue: '505' },
      }),
      position('A', '-1', '100.00', {
        leg: 'SHORT',
        venue: 'XLON',
        previousCloseDate: '2026-08-14',
        previousClose: '0',
      }),
    ];
    const more = {
      venue: 'NSE' as const,
      dayRoll: { timeZone: 'America/New_York', at: '17:00' },
      cash: undefined,
      cashBalances: [{ currency: 'USDT', amount: '1.123456789012345678' }],
      value: '11195.50',
      dayPnl: '-0.10',
      dayFees: '3.2',
    };
    const sent = snapshot('p', 0, { ...more, positions });
    expect(await store(trader, sent)).toEqual(['p stored']);
    expect(
      await database.rows(
        `SELECT venue, day_roll, cash::text, cash_balances, given_value::text, given_day_pnl::text, day_fees::text, positions, position_keys FROM portfolio_snapshots`,
      ),
    ).toEqual([
      {
        venue: 'NSE',
        day_roll: more.dayRoll,
        cash: '0',
        cash_balances: more.cashBalances,
        given_value: '11195.50',
        given_day_pnl: '-0.10',
        day_fees: '3.2',
        positions: [{ ...positions[0], pricedAt: '2026-08-17T03:44:59.000000Z' }, positions[1]],
        position_keys: ['A'],
      },
    ]);
    expect(await store(trader, sent)).toEqual(['p stored']);
    for (const [field, value] of Object.entries({
      venue: undefined,
      dayRoll: { timeZone: 'UTC', at: '17:00' },
      cashBalances: [],
      value: '11195.5',
      dayPnl: undefined,
      dayFees: '-0.10',
    }))
      expect([field, ...(await store(trader, { ...sent, [field]: value }))]).toEqual([field, 'p stale']);
    await store(trader, snapshot('p', 1));
    expect(await database.rows(`SELECT venue, day_roll, cash_balances, given_value FROM portfolio_snapshots`)).toEqual([
      { venue: null, day_roll: null, cash_balances: [], given_value: null },
    ]);
  });
});
