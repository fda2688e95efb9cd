import { dashboardConfig } from '#dashboard';
import { runTask } from '../setup/run-task.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { snapshotOf } from './portfolio-quotas.fixture.js';

const position = { key: 'K', quantity: '10', averagePrice: '9', lastPrice: '10' };

describe('closing a portfolio', () => {
  let desk: TestApp;
  let [trader, other, operator, viewer] = [] as unknown as { token: string; userId: string }[];

  const call = async (method: string, path: string, body?: unknown, token = trader!.token) => {
    const answer = await desk.request(method, path, { token, body, headers: { 'cache-control': 'no-cache' } });
    return { status: answer.status, body: answer.body };
  };
  const put = (id: string, more: object = {}) =>
    call('PUT', `/v1/portfolios/${id}/snapshot`, snapshotOf(id, { positions: [position], ...more }));
  const close = (id: string, closed = true, token = trader!.token) =>
    call('PUT', `/v1/portfolios/${id}/closed`, { closed }, token);
  const panels = async (token = trader!.token) =>
    (await call('GET', '/v1/dashboard?panels=portfolios,positions', undefined, token)).body.panels;
  const listed = async (query = '') =>
    (await call('GET', `/v1/portfolios${query}`)).body.items.map((item: any) => item.portfolioId);

  beforeAll(async () => {
    desk = await startTestApp({ internals: [dashboardConfig.with({ waitMs: 60_000 })] });
    // Rows that it moves are seen by no history that is being read.
    await runTask(desk, 'portfolios-partitions');
    [trader, other, operator, viewer] = await Promise.all(
      (['trader', 'trader', 'operator', 'viewer'] as const).map((role) => desk.login(role)),
    );
    for (const id of ['c1', 'c2']) expect((await put(id)).status).toBe(200);
  });
  afterAll(() => desk.close());

  it('a closed portfolio is in no list, total or row of a panel, and is still found by its id and in its history', async () => {
    expect((await panels()).portfolios.totals).toMatchObject([{ currency: 'INR', value: '202', portfolios: 2 }]);
    const closed = await close('c1');
    expect(closed).toEqual({ status: 200, body: { portfolioId: 'c1', closedAt: expect.any(String) } });
    for (const { token } of [trader!, operator!]) {
      const { portfolios, positions } = await panels(token);
      expect(portfolios.items.map((item: any) => item.portfolioId)).toEqual(['c2']);
      expect(portfolios.totals).toMatchObject([{ currency: 'INR', value: '101', portfolios: 1 }]);
      expect(positions.items.map((item: any) => item.portfolioId)).toEqual(['c2']);
    }
    expect([await listed(), await listed('?closed=false'), await listed('?closed=true')]).toEqual([
      ['c2'],
      ['c2'],
      ['c1'],
    ]);
    expect((await call('GET', '/v1/portfolios/c1')).body).toMatchObject({
      value: '101',
      closedAt: closed.body.closedAt,
      positions: [position],
    });
    expect((await call('GET', '/v1/portfolios/c2')).body).not.toHaveProperty('closedAt');
    const { body } = await call(
      'GET',
      '/v1/portfolios/c1/history?from=2026-11-02T00:00:00Z&to=2026-11-03T00:00:00Z&step=1h',
    );
    expect(body.points).toHaveLength(1);
  });

  it('closing twice keeps the time of the first call and records one event', async () => {
    const [first, again] = [await close('c1'), await close('c1')];
    expect(again).toEqual(first);
    const { body } = await call('GET', '/v1/events?type=PortfolioClosed');
    expect(body.items.map((event: any) => event.payload)).toEqual([
      { portfolioId: 'c1', broker: 'zerodha', account: 'A-c1', closedBy: trader!.userId },
    ]);
  });

  it('a closed portfolio refuses snapshots, alone and in a bulk, until it is reopened', async () => {
    const refused = await put('c1');
    expect([refused.status, refused.body.code]).toEqual([409, 'PORTFOLIOS_CLOSED']);
    const { body } = await call('POST', '/v1/portfolios/snapshots', {
      snapshots: [snapshotOf('c1'), snapshotOf('c2')],
    });
    expect(body.items).toMatchObject([
      { portfolioId: 'c1', status: 'refused', code: 'PORTFOLIOS_CLOSED' },
      { portfolioId: 'c2', status: 'stored' },
    ]);
    expect(await close('c1', false)).toEqual({ status: 200, body: { portfolioId: 'c1', closedAt: null } });
    expect((await panels()).portfolios.totals).toMatchObject([{ portfolios: 2 }]);
    expect(await put('c1')).toMatchObject({ status: 200, body: { status: 'stored' } });
    const events = await call('GET', '/v1/events?type=PortfolioReopened');
    expect(events.body.items.map((event: any) => event.payload)).toEqual([
      { portfolioId: 'c1', broker: 'zerodha', account: 'A-c1', reopenedBy: trader!.userId },
    ]);
  });

  it('quotes add no points to the history of a closed portfolio', async () => {
    for (const id of ['h1', 'h2']) await put(id);
    await close('h1');
    const quote = { broker: 'zerodha', key: 'K', price: '12', asOf: '2026-11-02T04:30:00Z' };
    expect((await call('POST', '/v1/quotes', { quotes: [quote] }, operator!.token)).status).toBe(200);
    await runTask(desk, 'portfolios-history');
    const range = 'from=2026-11-02T00:00:00Z&to=2026-11-03T00:00:00Z&step=15m';
    const points = await Promise.all(
      ['h1', 'h2'].map(async (id) => (await call('GET', `/v1/portfolios/${id}/history?${range}`)).body.points.length),
    );
    expect(points).toEqual([1, 2]);
  });

  it('its owner and operators close a portfolio, and nobody else', async () => {
    await put('o1');
    expect(await close('o1', true, other!.token)).toMatchObject({
      status: 404,
      body: { code: 'PORTFOLIOS_NOT_FOUND' },
    });
    expect((await close('o1', true, viewer!.token)).status).toBe(403);
    expect((await close('o1', true, operator!.token)).status).toBe(200);
    expect(await call('PUT', '/v1/portfolios/o1/closed', { closed: 'yes' })).toMatchObject({ status: 400 });
    const removed = await desk.request('DELETE', '/v1/portfolios/o1', { token: trader!.token });
    expect(removed.status).toBe(204);
  });
});
