import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { snapshotOf } from './portfolio-quotas.fixture.js';

const TOKEN = 'the-token-of-the-session';
const row = (token: number, quantity: number, average: number) => ({
  tradingsymbol: `S${token}`,
  exchange: 'NSE',
  instrument_token: token,
  product: 'CNC',
  quantity,
  overnight_quantity: quantity,
  multiplier: 1,
  average_price: average,
  close_price: 100,
  last_price: 101,
  value: 0,
  pnl: 0,
  m2m: 0,
  unrealised: 0,
  realised: 0,
  buy_quantity: quantity,
  buy_price: average,
  buy_value: quantity * average,
  sell_quantity: 0,
  sell_price: 0,
  sell_value: 0,
  day_buy_quantity: 0,
  day_buy_price: 0,
  day_buy_value: 0,
  day_sell_quantity: 0,
  day_sell_price: 0,
  day_sell_value: 0,
});

describe('reconciliation with the broker', () => {
  let broker: Server;
  let desk: TestApp;
  let trader: { token: string };
  let other: { token: string };
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const reconcile = (id: string, token = trader.token) =>
    desk.request('GET', `/v1/portfolios/${id}/reconciliation`, { token });
  const positions = (net: object[]) => (response: ServerResponse) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ status: 'success', data: { net, day: [] } }));

  beforeAll(async () => {
    broker = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
    const { port } = broker.address() as AddressInfo;
    desk = await startTestApp({
      env: {
        EGRESS_ALLOW_HOSTS: `127.0.0.1:${port}`,
        PORTFOLIOS_BROKER_POSITIONS: `zerodha=kite http://127.0.0.1:${port}/portfolio/positions`,
        PORTFOLIOS_BROKER_AUTHORIZATION: 'zerodha=token KEY:{token}',
      },
    });
    [trader, other] = [await desk.login('trader'), await desk.login('trader')];
    const body = snapshotOf('r1', {
      positions: [
        { key: '101', leg: 'CNC', quantity: '10', averagePrice: '90', lastPrice: '100' },
        { key: '102', leg: 'CNC', quantity: '5', averagePrice: '90', lastPrice: '100' },
        { key: '103', leg: 'CNC', quantity: '5', averagePrice: '90', lastPrice: '100' },
      ],
    });
    expect((await desk.request('PUT', '/v1/portfolios/r1/snapshot', { token: trader.token, body })).status).toBe(200);
  });
  afterAll(async () => {
    await desk.close();
    broker.close();
  });

  it('without a session of the broker nothing is fetched, and the answer says what to do', async () => {
    let asked = 0;
    answer = (_request, response) => {
      asked += 1;
      response.end('{}');
    };
    const { status, body } = await reconcile('r1');
    expect([status, body.code, asked]).toEqual([409, 'SESSIONS_NOT_ACTIVE', 0]);
    await desk.request('PUT', '/v1/sessions', {
      token: trader.token,
      body: {
        ...{ broker: 'zerodha', account: 'A-r1', accessToken: TOKEN, feedToken: 'a-feed-token', loginMethod: 'totp' },
        expiresAt: '2199-01-01T00:00:00Z',
      },
    });
  });

  it('the positions are fetched with the token of the session, and each difference is shown', async () => {
    let authorization: string | undefined;
    answer = (request, response) => {
      ({ authorization } = request.headers);
      positions([row(101, 10, 90), row(102, 7, 90), row(104, 1, 90)])(response);
    };
    const { status, body } = await reconcile('r1');
    expect([status, authorization]).toEqual([200, `token KEY:${TOKEN}`]);
    expect(body).toMatchObject({ portfolioId: 'r1', broker: 'zerodha', account: 'A-r1', agrees: false, equal: 1 });
    expect(
      body.differences.map(({ key, difference, quantityDifference }: any) => [key, difference, quantityDifference]),
    ).toEqual([
      ['102', 'quantity', '2'],
      ['103', 'unknown', '-5'],
      ['104', 'missing', '1'],
    ]);
    expect(JSON.stringify(body)).not.toContain(TOKEN);
  });

  it('a snapshot that is what the broker has agrees', async () => {
    answer = (_request, response) => positions([101, 102, 103].map((n) => row(n, n === 101 ? 10 : 5, 90)))(response);
    expect((await reconcile('r1')).body).toMatchObject({ agrees: true, equal: 3, differences: [] });
  });

  it('a refused token, a failing broker and an answer without positions are told apart', async () => {
    const seen: [number, string][] = [];
    for (const [code, text] of [
      [403, '{}'],
      [500, '{}'],
      [302, ''],
      [200, '{"status":"success"}'],
    ] as const) {
      answer = (_request, response) => response.writeHead(code, { location: 'https://elsewhere.example/' }).end(text);
      const { status, body } = await reconcile('r1');
      seen.push([status, body.code]);
      expect(JSON.stringify(body)).not.toContain(TOKEN);
    }
    expect(seen).toEqual([
      [409, 'PORTFOLIOS_BROKER_SIGN_IN'],
      [503, 'PORTFOLIOS_BROKER_FAILED'],
      [503, 'PORTFOLIOS_BROKER_FAILED'],
      [422, 'PORTFOLIOS_EXPORT_UNREADABLE'],
    ]);
  });

  it("another user's portfolio is not found, and a broker without a URL is named", async () => {
    expect((await reconcile('r1', other.token)).body.code).toBe('PORTFOLIOS_NOT_FOUND');
    const body = snapshotOf('r2', { broker: 'upstox' });
    await desk.request('PUT', '/v1/portfolios/r2/snapshot', { token: trader.token, body });
    expect((await reconcile('r2')).body).toMatchObject({ status: 409, code: 'PORTFOLIOS_BROKER_NOT_CONFIGURED' });
  });
});
