import { Clock } from '#time';
import { Database } from '#database';
import { kiteHolding, kiteRow } from '../../libs/portfolios/exports/exports.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const NOW = '2026-11-25T09:00:00.000Z';
const sold = kiteRow('HELIO', {
  instrument_token: 779999,
  quantity: -4,
  day_sell_quantity: 4,
  day_sell_value: 1280,
  close_price: 318,
  last_price: 316.35,
});
const held = kiteHolding('HELIO', 6, {
  instrument_token: 779999,
  opening_quantity: 10,
  average_price: 290.5,
  close_price: 318,
  last_price: 316.35,
});
const POSITIONS = { status: 'success', data: { net: [sold], day: [] } };
const HOLDINGS = { status: 'success', data: [held] };

describe('portfolios from documents of brokers', () => {
  let desk: TestApp;
  let trader: { token: string; userId: string };
  let other: { token: string; userId: string };
  let operator: { token: string };

  const send = (id: string, query: string, body: unknown, { token } = trader as { token: string }, headers = {}) =>
    desk.request('POST', `/v1/portfolios/${id}/snapshot?${query}`, { token, body, headers });
  /** Sends files as a multipart form. */
  const sendFiles = async (id: string, query: string, files: Record<string, unknown>) => {
    const form = new FormData();
    for (const [name, content] of Object.entries(files))
      form.append('file', new Blob([typeof content === 'string' ? content : JSON.stringify(content)]), name);
    const sent = new Response(form);
    const bytes = new Uint8Array(await sent.arrayBuffer());
    return send(id, query, bytes, trader, { 'content-type': sent.headers.get('content-type')! });
  };
  const find = async (id: string) =>
    (
      await desk.request('GET', `/v1/portfolios/${id}`, {
        token: trader.token,
        headers: { 'cache-control': 'no-cache' },
      })
    ).body;

  beforeAll(async () => {
    desk = await startTestApp();
    [trader, other, operator] = [await desk.login('trader'), await desk.login('trader'), await desk.login('operator')];
    desk.get(Clock).now = () => new Date(NOW);
    await desk
      .get(Database)
      .run(
        `INSERT INTO valuation_moments (moment) VALUES ($1) ON CONFLICT (singleton) DO UPDATE SET moment = excluded.moment`,
        [NOW],
      );
  });
  afterAll(() => desk.close());

  it('a dry run shows what would be stored and stores nothing', async () => {
    const query = 'format=kite&account=AB1&dryRun=true';
    const answer = await sendFiles('kite', query, { 'positions.json': POSITIONS, 'holdings.json': HOLDINGS });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        status: 'read',
        broker: 'zerodha',
        account: 'AB1',
        asOf: NOW,
        positions: [{ symbol: 'HELIO', key: '779999', leg: 'CNC', quantity: '6' }],
        worth: { value: '1898.1', dayPnl: '-1.9' },
        understood: [
          { name: 'positions.json.data (positions)', rows: 1 },
          { name: 'holdings.json.data (holdings)', rows: 1 },
        ],
      },
    });
    expect(answer.body.notes).toEqual(['The cash is not known and counts as 0; name it in `cash`.']);
    expect((await desk.request('GET', '/v1/portfolios/kite', { token: trader.token })).status).toBe(404);
  });

  it('documents of a form and fields of one object are stored alike, and later ones need no account', async () => {
    const form = await sendFiles('kite', 'format=kite&account=AB1&cash=100', {
      'positions.json': POSITIONS,
      'holdings.json': HOLDINGS,
    });
    expect(form).toMatchObject({ status: 200, body: { status: 'stored', cash: [{ currency: 'INR', amount: '100' }] } });
    expect(await find('kite')).toMatchObject({
      account: 'AB1',
      broker: 'zerodha',
      value: '1998.1',
      dayPnl: '-1.9',
      positions: [{ key: '779999', dayBasis: 'trades', venue: 'NSE' }],
    });
    const again = await send('kite', 'format=kite&cash=200', { positions: POSITIONS, holdings: HOLDINGS });
    // As new as the stored one, and with other cash.
    expect(again.body).toMatchObject({ status: 'stale', account: 'AB1' });
    const later = await send('kite', `format=kite&cash=200&asOf=2026-11-25T09:00:01Z`, {
      positions: POSITIONS,
      holdings: HOLDINGS,
    });
    expect(later.body).toMatchObject({ status: 'stored' });
    expect((await find('kite')).value).toBe('2098.1');
  });

  it('a ledger is stored without prices, its value is unknown, and a quote makes it known', async () => {
    const activity = {
      type: 'BUY',
      symbol: 'SAMT.DE',
      currency: 'EUR',
      date: '2026-10-01',
      quantity: 6,
      unitPrice: 100,
    };
    const body = {
      meta: { date: '2026-11-25T08:00:00.000Z' },
      activities: [activity],
      user: { settings: { currency: 'EUR' } },
    };
    const stored = await send('ledger', 'format=ghostfolio&account=depot&broker=acme', body);
    expect(stored.body).toMatchObject({ status: 'stored', worth: { value: null, known: { value: '0' } } });
    const before = await find('ledger');
    expect(before).toMatchObject({
      value: null,
      oldestPriceAt: null,
      positions: [{ lastPrice: null, averagePrice: '100' }],
    });
    expect(before.incomplete).toContainEqual({ position: 'SAMT.DE', field: 'value', reason: 'no_price' });
    // Older than the export, and the only price there is.
    const quotes = [{ broker: 'acme', key: 'SAMT.DE', price: '210', asOf: '2026-11-24T16:00:00Z' }];
    await desk.request('POST', '/v1/quotes', { token: operator.token, body: { quotes } });
    expect(await find('ledger')).toMatchObject({ value: '1260', positions: [{ lastPrice: '210', unrealised: '660' }] });
  });

  it('a statement with its own total shows how far ours is from it', async () => {
    const position =
      'currency="EUR" fxRateToBase="1.1" assetCategory="STK" symbol="A" conid="7" position="10" markPrice="5"';
    const xml = `<FlexQueryResponse><FlexStatement accountId="U1" fromDate="20261124" toDate="20261124"><AccountInformation currency="USD"/><EquitySummaryByReportDateInBase total="60"/><OpenPositions><OpenPosition ${position}/></OpenPositions></FlexStatement></FlexQueryResponse>`;
    const { body } = await send('us', 'format=ibkr-flex&dryRun=true', xml, trader, {
      'content-type': 'application/xml',
    });
    expect(body.worth).toMatchObject({
      value: '60',
      reconciliation: { value: { given: '60', computed: '55', difference: '5' } },
    });
    expect(body.rates).toEqual([{ base: 'EUR', quote: 'USD', price: '1.1' }]);
  });

  it('documents without a position are refused unless they are said to be empty', async () => {
    const empty = { positions: { data: { net: [], day: [] } }, holdings: { data: [] } };
    expect(await send('none', 'format=kite&account=X', empty)).toMatchObject({
      status: 422,
      body: { code: 'PORTFOLIOS_EXPORT_EMPTY' },
    });
    expect((await send('none', 'format=kite&account=X&allowEmpty=true', empty)).body).toMatchObject({
      status: 'stored',
    });
  });

  it.each([
    ['another document', 'format=kite&account=X', { orders: [] }, 422, 'PORTFOLIOS_EXPORT_UNREADABLE'],
    ['no account', 'format=kite', HOLDINGS, 400, 'REQUEST_INVALID'],
    ['an unknown format', 'format=other', HOLDINGS, 400, 'REQUEST_INVALID'],
    ['columns of no field', 'format=csv&columns=price=x', 'a', 400, 'REQUEST_INVALID'],
    ['an amount that no snapshot has', 'format=kite&account=X&cash=1e5', HOLDINGS, 400, 'REQUEST_INVALID'],
    ['a time in the future', 'format=kite&account=X&asOf=2027-01-01T00:00:00Z', HOLDINGS, 400, 'REQUEST_INVALID'],
    ['more bytes than allowed', 'format=kite&account=X', 'x'.repeat(8_388_609), 413, 'REQUEST_TOO_LARGE'],
    [
      'a form without a file',
      'format=kite&account=X',
      '--x--',
      422,
      'PORTFOLIOS_EXPORT_UNREADABLE',
      'multipart/form-data; boundary=x',
    ],
  ])(
    'a request with %s is refused, also as a dry run',
    async (_what, query, body, status, code, type = 'application/json') => {
      for (const more of ['', '&dryRun=true'])
        expect(await send('refused', query + more, body, trader, { 'content-type': type })).toMatchObject({
          status,
          body: { code },
        });
    },
  );

  it('a form with more documents than an account has is refused, and none is left out', async () => {
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`${n}.json`, HOLDINGS]));
    expect(await sendFiles('many', 'format=kite&account=X', files)).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'body', seen: 'more than 8 files' }] },
    });
  });

  it("another user's portfolio is neither imported into nor shown by a dry run", async () => {
    for (const more of ['', '&dryRun=true']) {
      const answer = await send('kite', `format=kite&account=AB1${more}`, HOLDINGS, other);
      expect(answer).toMatchObject({ status: 403, body: { code: 'PORTFOLIOS_NOT_YOURS' } });
    }
    const unnamed = await send('kite', 'format=kite', HOLDINGS, other);
    expect(unnamed).toMatchObject({ status: 400, body: { errors: [{ field: 'account' }] } });
    const owner = `format=kite&account=AB1&userId=${trader.userId}&asOf=2026-11-25T09:00:02Z`;
    expect((await send('kite', owner, HOLDINGS, operator)).body).toMatchObject({ status: 'stored' });
  });
});
