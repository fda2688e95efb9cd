import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTask } from '../setup/run-task.js';
import { startTestApp } from '../setup/test-app.js';

type App = Awaited<ReturnType<typeof startTestApp>>;
type Body = Record<string, unknown> & { code: string; errors: { field: string }[] };

const blns = join(process.env['DESKWIRE_DATA_DIR'] ?? '/nowhere', 'naughty-strings/blns.json');
const withData = existsSync(blns) ? it : it.skip;

const position = { key: 'NSE|1', quantity: '10', averagePrice: '99.50', lastPrice: '100.00' };
const snapshot = {
  broker: 'zerodha',
  account: 'AB1',
  asOf: '2026-08-17T09:15:00+05:30',
  currency: 'INR',
  cash: '1000.00',
  positions: [position],
};

describe('portfolios over HTTP', () => {
  let app: App;
  let [trader, other, operator, viewer] = [] as unknown as Awaited<ReturnType<App['login']>>[];
  const call = async (
    method: string,
    path: string,
    token: string | undefined,
    body?: unknown,
  ): Promise<{ status: number; body: Body }> =>
    (await app.request(method, path, { token, body })) as { status: number; body: Body };
  const fields = (body: Body): string[] => (body.errors ?? []).map(({ field }) => field);

  beforeAll(async () => {
    app = await startTestApp();
    [trader, other, operator, viewer] = [
      await app.login('trader'),
      await app.login('trader'),
      await app.login('operator'),
      await app.login('viewer'),
    ];
  });
  afterAll(() => app.close());

  it('a trader stores a snapshot, a quote marks it, and the portfolio and its history show both', async () => {
    expect(await call('PUT', '/v1/portfolios/desk.1/snapshot', trader!.token, snapshot)).toMatchObject({
      status: 200,
      body: { portfolioId: 'desk.1', status: 'stored' },
    });
    expect(
      await call('PUT', '/v1/portfolios/desk.1/snapshot', trader!.token, { ...snapshot, asOf: '2026-08-17T03:44:59Z' }),
    ).toMatchObject({ body: { status: 'stale' } });
    const quote = { broker: 'zerodha', key: 'NSE|1', price: '101.25', asOf: '2026-08-17T03:45:05Z' };
    expect(await call('POST', '/v1/quotes', operator!.token, { quotes: [quote] })).toMatchObject({
      status: 200,
      body: { stored: 1, stale: 0 },
    });
    expect((await call('GET', '/v1/portfolios/desk.1', trader!.token)).body).toMatchObject({
      userId: trader!.userId,
      cash: '1000.00',
      value: '2012.5',
      asOf: '2026-08-17T03:45:00.000Z',
      positions: [{ ...position, lastPrice: '101.25' }],
    });
    expect((await call('GET', '/v1/portfolios?limit=1', trader!.token)).body).toMatchObject({
      items: [{ portfolioId: 'desk.1', positions: 1 }],
      nextCursor: null,
    });
    await runTask(app, 'portfolios-history');
    const history = await call(
      'GET',
      '/v1/portfolios/desk.1/history?from=2026-08-17T03:45:00Z&to=2026-08-17T03:46:00Z&step=1s',
      trader!.token,
    );
    expect(history.body['points']).toMatchObject([{ value: '2000' }, { value: '2012.5' }]);
    expect((await call('GET', '/v1/quotes?broker=zerodha&key=NSE%7C1', viewer!.token)).body['items']).toMatchObject([
      { price: '101.25', kind: 'last', currency: null, previousClose: null, previousCloseDate: null },
    ]);
  });

  it('a bulk answers one status per item in the order sent', async () => {
    const items = ['b1', 'b2', 'b1'].map((portfolioId, n) => ({ ...snapshot, portfolioId, cash: String(n) }));
    const { status, body } = await call('POST', '/v1/portfolios/snapshots', trader!.token, { snapshots: items });
    expect([status, body]).toEqual([
      200,
      {
        stored: 2,
        stale: 1,
        refused: 0,
        items: [
          { portfolioId: 'b1', status: 'stale' },
          { portfolioId: 'b2', status: 'stored' },
          { portfolioId: 'b1', status: 'stored' },
        ],
      },
    ]);
  });

  it('a bulk names what is wrong with each refused item and stores the others', async () => {
    await call('PUT', '/v1/portfolios/taken/snapshot', operator!.token, snapshot);
    const good = (portfolioId: string) => ({ ...snapshot, portfolioId });
    const { status, body } = await call('POST', '/v1/portfolios/snapshots', trader!.token, {
      snapshots: [
        good('k1'),
        { ...good('k2'), cash: 1000, positions: [{ ...position, quantity: 'many' }] },
        good('taken'),
        { ...good('a b'), more: 1 },
        7,
        good('k3'),
      ],
    });
    expect([status, body['stored'], body['stale'], body['refused']]).toEqual([200, 2, 0, 4]);
    expect(body['items']).toEqual([
      { portfolioId: 'k1', status: 'stored' },
      {
        portfolioId: 'k2',
        status: 'refused',
        code: 'REQUEST_INVALID',
        detail: expect.stringContaining('and 1 more'),
        issues: [
          { field: 'cash', seen: '1000', allowed: expect.any(String) },
          { field: 'positions[0].quantity', seen: '"many"', allowed: expect.any(String) },
        ],
      },
      { portfolioId: 'taken', status: 'refused', code: 'PORTFOLIOS_NOT_YOURS', detail: expect.any(String) },
      {
        portfolioId: null,
        status: 'refused',
        code: 'REQUEST_INVALID',
        detail: expect.any(String),
        issues: [expect.objectContaining({ field: 'portfolioId' }), expect.objectContaining({ field: 'more' })],
      },
      {
        portfolioId: null,
        status: 'refused',
        code: 'REQUEST_INVALID',
        detail: expect.any(String),
        issues: [expect.anything()],
      },
      { portfolioId: 'k3', status: 'stored' },
    ]);
    expect((await call('GET', '/v1/portfolios/k2', trader!.token)).status).toBe(404);
  });

  it("another user's portfolio can be neither read nor overwritten", async () => {
    await call('PUT', '/v1/portfolios/own/snapshot', trader!.token, snapshot);
    for (const path of ['/v1/portfolios/own', '/v1/portfolios/own/history', '/v1/portfolios/none']) {
      expect(await call('GET', path, other!.token)).toMatchObject({
        status: 404,
        body: { code: 'PORTFOLIOS_NOT_FOUND' },
      });
    }
    expect(
      await call('PUT', '/v1/portfolios/own/snapshot', other!.token, { ...snapshot, broker: 'upstox' }),
    ).toMatchObject({ status: 403, body: { code: 'PORTFOLIOS_NOT_YOURS' } });
    expect(
      await call('PUT', '/v1/portfolios/x/snapshot', other!.token, { ...snapshot, userId: trader!.userId }),
    ).toMatchObject({ status: 403 });
    expect((await call('GET', '/v1/portfolios', other!.token)).body['items']).toEqual([]);
    expect((await call('GET', '/v1/portfolios/own', operator!.token)).status).toBe(200);
  });

  it('viewers write nothing, traders write no quotes, and requests without a token are refused', async () => {
    expect((await call('PUT', '/v1/portfolios/v/snapshot', viewer!.token, snapshot)).status).toBe(403);
    expect((await call('POST', '/v1/quotes', trader!.token, { quotes: [] })).status).toBe(403);
    expect((await call('GET', '/v1/portfolios', undefined)).status).toBe(401);
  });

  it('operators post rates and splits, and everyone signed in reads them', async () => {
    const asOf = '2026-08-17T03:45:00Z';
    const rate = { base: 'EUR', quote: 'USD', price: '1.0850', asOf };
    const split = { broker: 'zerodha', key: 'NSE|9', factor: '4', exDate: '2026-11-23' };
    expect((await call('POST', '/v1/rates', trader!.token, { rates: [rate] })).status).toBe(403);
    expect((await call('POST', '/v1/adjustments', trader!.token, split)).status).toBe(403);
    const rates = [rate, { ...rate, base: 'USD', quote: 'JPY', price: '150.00', previousClose: '0', source: 'desk' }];
    expect(await call('POST', '/v1/rates', operator!.token, { rates })).toMatchObject({
      status: 200,
      body: { stored: 2, stale: 0 },
    });
    const first = await call('GET', '/v1/rates?limit=1', viewer!.token);
    expect(first.body['items']).toMatchObject([{ base: 'EUR', quote: 'USD', price: '1.0850', previousClose: null }]);
    const next = await call('GET', `/v1/rates?cursor=${first.body['nextCursor'] as string}`, viewer!.token);
    expect(next.body['items']).toMatchObject([{ base: 'USD', quote: 'JPY', price: '150.00', source: 'desk' }]);
    expect(await call('POST', '/v1/adjustments', operator!.token, split)).toMatchObject({ status: 200, body: split });
    expect((await call('GET', '/v1/adjustments?broker=zerodha', viewer!.token)).body['items']).toMatchObject([split]);
  });

  it.each([
    [
      'POST',
      '/v1/rates',
      { rates: [{ base: 'EUR', quote: 'USD', price: '0.00', asOf: '2026-01-01T00:00:00Z' }] },
      'rates[0].price',
    ],
    [
      'POST',
      '/v1/rates',
      { rates: [{ base: 'EUR', quote: 'USD', price: '-1', asOf: '2026-01-01T00:00:00Z' }] },
      'rates[0].price',
    ],
    [
      'POST',
      '/v1/rates',
      { rates: [{ base: 'EUR', quote: 'EUR', price: '1', asOf: '2026-01-01T00:00:00Z' }] },
      'rates[0].quote',
    ],
    [
      'POST',
      '/v1/rates',
      { rates: [{ base: 'GBX', quote: 'USD', price: '1', asOf: '2026-01-01T00:00:00Z' }] },
      'rates[0].base',
    ],
    ['POST', '/v1/adjustments', { broker: 'zerodha', key: 'A', factor: '0', exDate: '2026-11-23' }, 'factor'],
    ['POST', '/v1/adjustments', { broker: 'zerodha', key: 'A', factor: '4', exDate: '2026-11-31' }, 'exDate'],
    ['PUT', '/v1/portfolios/p/snapshot', { ...snapshot, cash: 1 }, 'cash'],
    ['PUT', '/v1/portfolios/p/snapshot', { ...snapshot, asOf: '2999-01-01T00:00:00Z' }, 'asOf'],
    ['PUT', '/v1/portfolios/p/snapshot', { ...snapshot, portfolioId: 'q' }, 'portfolioId'],
    ['PUT', '/v1/portfolios/p/snapshot', { ...snapshot, positions: [position, position] }, 'positions[1].key'],
    ['PUT', '/v1/portfolios/p/snapshot', { ...snapshot, positions: [{ ...position, key: 'a\0' }] }, 'positions[0].key'],
    ['PUT', '/v1/portfolios/p/snapshot', { ...snapshot, account: '\0' }, 'account'],
    ['POST', '/v1/portfolios/snapshots', { snapshots: [] }, 'snapshots'],
    [
      'POST',
      '/v1/quotes',
      { quotes: [{ broker: 'zerodha', key: 'A', price: 'NaN', asOf: '2026-08-17T03:45:00Z' }] },
      'quotes[0].price',
    ],
    [
      'POST',
      '/v1/quotes',
      { quotes: [{ broker: 'zerodha', key: 'A', price: '1', asOf: '2026-08-17T03:45:00Z', kind: 'bid' }] },
      'quotes[0].kind',
    ],
    ['GET', '/v1/portfolios?limit=0', undefined, 'limit'],
    ['GET', '/v1/portfolios?cursor=x', undefined, 'cursor'],
    ['GET', '/v1/portfolios?userId=me', undefined, 'userId'],
    ['GET', '/v1/portfolios/p/history?step=1w', undefined, 'step'],
    ['GET', '/v1/portfolios/p/history?from=yesterday', undefined, 'from'],
    ['GET', '/v1/quotes?broker=Z', undefined, 'broker'],
  ])('%s %s is refused with 400 and the name of its field', async (method, path, body, field) => {
    const answer = await call(method, path, operator!.token, body);
    expect([answer.status, fields(answer.body)]).toEqual([400, [field]]);
  });

  withData('every naughty string is stored unchanged or refused by name (needs DESKWIRE_DATA_DIR)', async () => {
    const strings = [...new Set(JSON.parse(readFileSync(blns, 'utf8')) as string[])];
    const fits = strings.filter(
      (text) => text !== '' && [...text].length <= 64 && !text.includes('\0') && text.isWellFormed(),
    );
    const positions = fits.map((key) => ({ ...position, key }));
    expect((await call('PUT', '/v1/portfolios/blns/snapshot', trader!.token, { ...snapshot, positions })).status).toBe(
      200,
    );
    expect((await call('GET', '/v1/portfolios/blns', trader!.token)).body['positions']).toMatchObject(positions);
    const byAccount = fits.map((account, n) => ({ ...snapshot, portfolioId: `blns.${n}`, account, positions: [] }));
    expect(
      (await call('POST', '/v1/portfolios/snapshots', trader!.token, { snapshots: byAccount })).body,
    ).toMatchObject({ stored: fits.length });
    const { body } = await call('GET', '/v1/portfolios/blns.7', trader!.token);
    expect(body['account']).toBe(fits[7]);
    for (const text of strings.filter((text) => !fits.includes(text))) {
      const answer = await call('PUT', '/v1/portfolios/p/snapshot', trader!.token, { ...snapshot, account: text });
      expect([answer.status, fields(answer.body)]).toEqual([400, ['account']]);
    }
  });
});
