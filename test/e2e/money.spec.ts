import { Clock } from '#time';
import { dashboardConfig } from '#dashboard';
import { Database } from '#database';
import { MONEY_CASES } from '../integration/portfolios/valuation-cases.fixture.js';
import type { DeskCase } from '../integration/portfolios/valuation.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { VirtualClock } from '../setup/virtual-clock.js';

const AT = '2026-11-25T09:30:00Z';
const clock = new VirtualClock(AT);

describe('what a started desk says that portfolios are worth', () => {
  let app: TestApp;
  let database: Database;
  let trader: { token: string; userId: string };
  let operator: { token: string };
  const stored: string[] = [];

  const call = async (method: string, path: string, token: string, body?: unknown) => {
    const answer = await app.request(method, path, { token, body, headers: { 'cache-control': 'no-cache' } });
    expect([answer.status, answer.body.code]).toEqual([200, undefined]);
    return answer.body;
  };
  /** Moves the desk's moment, as its task does once a minute. */
  const moment = async (at: string) => {
    clock.set(at);
    await database.run(
      `WITH moved AS (INSERT INTO valuation_moments (moment) VALUES ($1) ON CONFLICT (singleton) DO UPDATE SET moment = excluded.moment)
       INSERT INTO change_feed (topic, key) VALUES ('moment', 'moment')`,
      [at],
    );
  };
  const put = async (id: string, { snapshot, venue }: Pick<DeskCase, 'snapshot' | 'venue'>) => {
    const body = { broker: id, account: 'A', ...snapshot, ...(venue && { venue }) };
    expect(await call('PUT', `/v1/portfolios/${id}/snapshot`, trader.token, body)).toMatchObject({ status: 'stored' });
    stored.push(id);
  };
  const quote = (id: string, quotes: DeskCase['quotes'] & object) =>
    call('POST', '/v1/quotes', operator.token, { quotes: quotes.map((each) => ({ broker: id, ...each })) });
  const find = (id: string) => call('GET', `/v1/portfolios/${id}`, trader.token);
  const reasonsOf = ({ incomplete }: { incomplete: { reason: string }[] }) => incomplete.map(({ reason }) => reason);

  beforeAll(async () => {
    app = await startTestApp({
      env: { PORTFOLIOS_BASE_CURRENCY: 'USD' },
      internals: [dashboardConfig.with({ waitMs: 60_000 })],
    });
    [trader, operator] = [await app.login('trader'), await app.login('operator')];
    database = app.get(Database);
    app.get(Clock).now = () => clock.now();
    await moment(AT);
  });
  afterAll(() => app.close());

  it.each(MONEY_CASES.map((each, n) => ({ ...each, id: `case-${n}` })))(
    '$name',
    async ({ id, desk, is: [value, dayPnl, ...positions] }) => {
      await put(id, desk);
      const seen = await find(id);
      expect([seen.value, seen.dayPnl]).toEqual([value, dayPnl]);
      expect(
        seen.positions.map((position: Record<string, string>) => [
          position['value'],
          position['unrealised'],
          position['dayPnl'],
        ]),
      ).toEqual(positions);
      expect(seen.dayPnl === null).toBe(reasonsOf(seen).includes('previous_close_zero'));
    },
  );

  it('a broker that names its own figures sees them, moved by quotes (M20)', async () => {
    const position = { key: 'H', quantity: '200', averagePrice: '40', lastPrice: '51', previousClose: '50' };
    const given = { ...position, dayPnl: '398.20', value: '10200' };
    const snapshot = {
      asOf: AT,
      currency: 'INR',
      cash: '1000',
      value: '11195.50',
      dayPnl: '395.10',
      positions: [given],
    };
    await put('m20', { snapshot });
    const reconciliation = {
      value: { given: '11195.50', computed: '11200', difference: '-4.50' },
      dayPnl: { given: '395.10', computed: '398.2', difference: '-3.10' },
    };
    expect(await find('m20')).toMatchObject({ value: '11195.50', dayPnl: '395.10', reconciliation });
    clock.set('2026-11-25T09:31:00Z');
    await quote('m20', [{ key: 'H', price: '52', asOf: '2026-11-25T09:31:00Z' }]);
    expect(await find('m20')).toMatchObject({ value: '11395.50', dayPnl: '595.10', reconciliation });
  });

  it('the dashboard over REST and over sockets shows every portfolio with the digits of its own page', async () => {
    const own = await Promise.all(stored.map(find));
    const expected = own
      .map(({ positions, ...rest }: { portfolioId: string; positions: unknown[] }) => ({
        ...rest,
        positions: positions.length,
      }))
      .sort((a, b) => (a.portfolioId < b.portfolioId ? -1 : 1));
    const rest = await call('GET', '/v1/dashboard?panels=portfolios', trader.token);
    expect(rest.panels.portfolios.items).toEqual(expected);
    const socket = app.socket(trader.token);
    await new Promise((resolve, reject) => socket.on('connect', () => resolve(0)).on('connect_error', reject));
    const frame = await socket.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: ['portfolios'] });
    expect(frame.panels.portfolios).toEqual(rest.panels.portfolios);
    // The sum of rows, which are exact, as a user would add them.
    const inr = rest.panels.portfolios.totals.find(({ currency }: { currency: string }) => currency === 'INR');
    const sum = expected.flatMap((item: any) => item.byCurrency).filter(({ currency }) => currency === 'INR');
    expect(inr).toMatchObject({ portfolios: sum.length, dayPnl: null });
    expect(Number(inr.value)).toBe(sum.reduce((total, { value }) => total + Number(value), 0));
  });

  it('a total in the base currency is null without a rate, and exact with it (M13, M12)', async () => {
    const other = await app.login('trader');
    const position = (key: string, quantity: string, lastPrice: string, previousClose: string, currency: string) => ({
      ...{ key, quantity, lastPrice, previousClose, currency },
      averagePrice: '200',
    });
    const body = {
      broker: 'm12',
      account: 'A',
      asOf: AT,
      currency: 'USD',
      cash: '500',
      positions: [
        position('A', '10', '210', '205', 'USD'),
        position('B', '10', '210', '208', 'EUR'),
        position('C', '100', '3000', '2990', 'JPY'),
        position('D', '500', '433.7', '431.2', 'GBX'),
      ],
    };
    await call('PUT', '/v1/portfolios/m12/snapshot', other.token, body);
    const rate = (base: string, to: string, price: string) =>
      call('POST', '/v1/rates', operator.token, { rates: [{ base, quote: to, price, asOf: '2026-11-25T09:29:00Z' }] });
    await rate('EUR', 'USD', '1.0850');
    await rate('GBP', 'USD', '1.2500');
    const panel = async () => (await call('GET', '/v1/dashboard?panels=portfolios', other.token)).panels.portfolios;
    expect(await panel()).toMatchObject({
      items: [{ value: null, dayPnl: null, known: { value: '7589.125', dayPnl: '87.325' } }],
      base: {
        value: null,
        dayPnl: null,
        known: { value: '7589.125', dayPnl: '87.325' },
        incomplete: expect.arrayContaining([{ currency: 'JPY', reason: 'no_rate' }]),
      },
    });
    await rate('USD', 'JPY', '150.00');
    expect(await panel()).toMatchObject({
      items: [{ value: '9589.125', dayPnl: '93.991666666666666667' }],
      totals: [
        { currency: 'EUR', value: '2100', dayPnl: '20' },
        { currency: 'GBP', value: '2168.5', dayPnl: '12.5' },
        { currency: 'JPY', value: '300000', dayPnl: '1000' },
        { currency: 'USD', value: '2600', dayPnl: '50' },
      ],
      base: { currency: 'USD', value: '9589.125', dayPnl: '93.991666666666666667' },
    });
  });

  it('a total in a currency that a request names takes rates of two legs, no peg, and no cash twice (M14, M24, M25, M26)', async () => {
    await database.run('DELETE FROM rates');
    const rates = (...list: object[]) =>
      call('POST', '/v1/rates', operator.token, {
        rates: list.map((each) => ({ asOf: '2026-11-25T09:29:00Z', ...each })),
      });
    const inBase = async (id: string, base: string) =>
      (await call('GET', `/v1/portfolios/${id}?base=${base}`, trader.token)).base;
    const one = (currency: string, cash: string, position: object, more = {}) => ({
      snapshot: {
        asOf: AT,
        currency,
        cash,
        positions: [{ key: 'X', ...position }],
        ...more,
      } as unknown as DeskCase['snapshot'],
    });
    await put(
      'm14',
      one('JPY', '0', { quantity: '100', averagePrice: '2800', lastPrice: '3000', previousClose: '2990' }),
    );
    await rates(
      { base: 'USD', quote: 'INR', price: '88.00' },
      { base: 'USD', quote: 'JPY', price: '150.00', asOf: '2026-11-25T09:28:00Z' },
    );
    expect(await inBase('m14', 'INR')).toMatchObject({
      value: '176000',
      dayPnl: '586.666666666666666667',
      rates: [{ from: 'JPY', to: 'INR', path: ['JPY->USD inverse', 'USD->INR'], asOf: '2026-11-25T09:28:00.000Z' }],
    });

    const perpetual = { quantity: '1', averagePrice: '90000', lastPrice: '95000', previousClose: '94000' };
    await put('m24', one('USD', '100', { ...perpetual, currency: 'USDT', valuation: 'margined' }));
    expect(await inBase('m24', 'USD')).toMatchObject({
      value: null,
      known: { value: '100', dayPnl: '0' },
      incomplete: expect.arrayContaining([{ currency: 'USDT', reason: 'no_rate' }]),
    });
    await rates({ base: 'USDT', quote: 'USD', price: '0.9990' });
    expect(await inBase('m24', 'USD')).toMatchObject({ value: '5095', dayPnl: '999' });

    const pair = {
      quantity: '10000',
      averagePrice: '1.0800',
      lastPrice: '1.0850',
      previousClose: '1.0840',
      valuation: 'memo',
    };
    const cashBalances = [
      { currency: 'EUR', amount: '10000' },
      { currency: 'USD', amount: '-10800' },
    ];
    await put('m25', one('USD', '0', pair, { cashBalances }));
    await put('m26', one('EUR', '0', { quantity: '100', averagePrice: '200', lastPrice: '210', previousClose: '208' }));
    await rates({ base: 'EUR', quote: 'USD', price: '1.0850', previousClose: '1.1000' });
    expect(await inBase('m25', 'USD')).toMatchObject({ value: '50' });
    expect(await inBase('m26', 'USD')).toMatchObject({ value: '22785', dayPnl: '217', fxPnl: '-312' });
    const refused = await app.request('GET', '/v1/portfolios/m26?base=dollars', { token: trader.token });
    expect([refused.status, refused.body.code]).toEqual([400, 'REQUEST_INVALID']);
  });

  it('a position is measured from the last price of the session before, whatever the weekend and the holidays (M16, M17, M23)', async () => {
    const x = { key: 'X', quantity: '1', averagePrice: '100', lastPrice: '100', previousClose: '100' };
    const snapshot = (asOf: string, more: object) => ({
      asOf,
      currency: 'INR',
      cash: '0',
      positions: [{ ...x, ...more }],
    });
    await moment('2026-01-30T10:00:00Z');
    await put('m17', {
      venue: 'NSE',
      snapshot: snapshot('2026-01-30T10:00:00Z', { quantity: '10', lastPrice: '101' }),
    });
    const days: unknown[] = [];
    for (const at of ['2026-01-31T06:00:00Z', '2026-02-01T03:00:00Z', '2026-02-01T04:00:00Z']) {
      await moment(at);
      if (at.includes('04:00')) await quote('m17', [{ key: 'X', price: '103', asOf: at }]);
      days.push([(await find('m17')).dayPnl, (await find('m17')).sessionDays]);
    }
    expect(days).toEqual([
      ['10', ['2026-01-30']],
      ['0', ['2026-02-01']],
      ['20', ['2026-02-01']],
    ]);

    await moment('2026-11-20T20:31:00Z');
    const trades = { openQuantity: '100', buyQuantity: '0', buyValue: '0', sellQuantity: '100', sellValue: '21500' };
    const sold = { quantity: '0', averagePrice: '0', lastPrice: '220', previousClose: '210', day: trades };
    await put('m16', { venue: 'NSE', snapshot: snapshot('2026-11-20T09:00:00Z', {}) });
    await put('m23', { venue: 'NYSE', snapshot: snapshot('2026-11-20T20:30:00Z', sold) });
    expect(await find('m23')).toMatchObject({ dayPnl: '500', incomplete: [] });
    await moment('2026-11-23T15:00:00Z');
    const monday = await find('m23');
    expect([monday.dayPnl, reasonsOf(monday).includes('snapshot_of_another_day')]).toEqual(['0', true]);
    await quote('m16', [{ key: 'X', price: '110', previousClose: '100', asOf: '2026-11-23T09:00:00Z' }]);
    expect((await find('m16')).dayPnl).toBe('10');
    await moment('2026-11-25T09:00:00Z');
    await quote('m16', [{ key: 'X', price: '112', asOf: '2026-11-25T09:00:00Z' }]);
    const rolled = await find('m16');
    expect([rolled.dayPnl, rolled.positions[0].closeBasis]).toEqual(['2', 'rolled']);
    expect(reasonsOf(rolled)).toContain('previous_close_rolled');
  });

  it('a split that is not posted makes the day P&L unknown; posted, it restates the position (M19)', async () => {
    const x = { key: 'X', quantity: '10', averagePrice: '300', lastPrice: '400', previousClose: '398' };
    await put('m19', { snapshot: { asOf: '2026-11-20T20:00:00Z', currency: 'USD', cash: '0', positions: [x] } });
    await moment('2026-11-23T15:00:00Z');
    await quote('m19', [{ key: 'X', price: '101', previousClose: '100', asOf: '2026-11-23T15:00:00Z' }]);
    const before = await find('m19');
    expect([before.value, before.dayPnl, reasonsOf(before).includes('split_suspected')]).toEqual(['1010', null, true]);
    const split = { broker: 'm19', key: 'X', exDate: '2026-11-23', factor: '4' };
    const posted = await app.request('POST', '/v1/adjustments', { token: operator.token, body: split });
    expect(posted.status).toBeLessThan(300);
    expect(await find('m19')).toMatchObject({
      value: '4040',
      dayPnl: '40',
      positions: [{ quantity: '40', averagePrice: '75', previousClose: '100', value: '4040' }],
    });
  });
});
