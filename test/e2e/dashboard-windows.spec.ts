import patcher from 'fast-json-patch';
import type { Socket } from 'socket.io-client';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { askInto } from './sockets.fixture.js';

interface Document {
  snapshot: { id: string };
  panels: Record<string, any>;
}
interface Delta {
  from: string;
  to: string;
  patch: never;
}

describe('a window of a panel', () => {
  let app: TestApp;
  let trader: string;
  const opened: Socket[] = [];
  const save = async (account: string, more: object = {}) => {
    const body = {
      ...{ broker: 'zerodha', account, accessToken: `token of ${account}, long enough`, loginMethod: 'totp' },
      ...{ expiresAt: '2031-01-01T00:00:00Z', details: {}, ...more },
    };
    const answer = await app.request('PUT', '/v1/sessions', { token: trader, body });
    expect([answer.status, answer.body.code]).toEqual([200, undefined]);
  };
  const rest = async (panels: object, headers = { 'cache-control': 'no-cache' }) =>
    app.request('GET', `/v1/dashboard?windows=${encodeURIComponent(JSON.stringify(panels))}`, {
      token: trader,
      headers,
    });

  /** Subscribes and keeps the document up to date, as a client does. */
  async function watch(message: object) {
    const socket = app.socket(trader);
    opened.push(socket);
    await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
    const screen = { held: undefined as unknown as Document, deltas: [] as Delta[] };
    socket.on('dashboard:delta', (delta: Delta) => {
      expect(delta.from).toBe(screen.held.snapshot.id);
      screen.held = patcher.applyPatch(screen.held, delta.patch, true).newDocument;
      screen.deltas.push(delta);
    });
    const take = ({ snapshot, panels }: Document) => (screen.held = { snapshot, panels });
    await askInto(socket, 'dashboard:subscribe', message, take);
    return screen;
  }

  beforeAll(async () => {
    app = await startTestApp();
    trader = (await app.login('trader')).token;
    for (let n = 0; n < 6; n++) await save(`A${n}`);
  });
  afterAll(() => app.close());
  afterEach(() => opened.splice(0).forEach((socket) => socket.disconnect()));

  it('shows rows by key beside their order and number, over REST and sockets alike', async () => {
    const panels = { sessions: { limit: 2, offset: 1 }, feeds: {} };
    const { held } = await watch({ panels });
    const { status, body } = await rest(panels);
    expect(status).toBe(200);
    expect({ snapshot: body.snapshot, panels: body.panels }).toEqual(held);
    const { order, rows, total } = body.panels.sessions;
    expect([order.length, total, Object.keys(rows)]).toEqual([2, 6, order]);
    expect(Object.values<{ account: string }>(rows).map(({ account }) => account)).toEqual(['A1', 'A2']);
    expect(body.panels.feeds).toEqual({ order: [], rows: {}, total: 0 });
  });

  it('moves by deltas: a client that applies them holds what REST answers with the same parameters', async () => {
    const panels = { sessions: { limit: 4 }, system: {} };
    const screen = await watch({ panels });
    for (let n = 0; n < 4; n++) await save(`A${n}`, { accessToken: `another token ${n}, long enough` });
    await eventually(async () => {
      const { body } = await rest(panels);
      expect(screen.held).toEqual({ snapshot: body.snapshot, panels: body.panels });
    });
    const paths = screen.deltas.flatMap(({ patch }) => (patch as { path: string }[]).map(({ path }) => path));
    expect(paths).toContain(`/panels/sessions/rows/${screen.held.panels['sessions'].order[0]}/tokenEpoch`);
  });

  it('filters by its parameters, and names the wrong ones', async () => {
    expect((await rest({ sessions: { state: 'expired' } })).body.panels.sessions.total).toBe(0);
    expect((await rest({ sessions: { state: 'active', limit: 1 } })).body.panels.sessions.total).toBe(6);
    const { status, body } = await rest({ sessions: { state: 'open', limit: 5_000, size: 1 } });
    expect([status, body.code, body.errors]).toEqual([
      400,
      'REQUEST_INVALID',
      [
        { field: 'panels.sessions.state', seen: '"open"', allowed: 'active, expiring, expired, closed' },
        { field: 'panels.sessions.limit', seen: '5000', allowed: 'a whole number from 1 to 1000' },
        { field: 'panels.sessions.size', allowed: 'no such field in this message' },
      ],
    ]);
    const socket = app.socket(trader);
    opened.push(socket);
    const ask = (message: object) => socket.timeout(60_000).emitWithAck('dashboard:subscribe', message);
    expect(await ask({ panels: { sessions: { limit: 0 } } })).toMatchObject({
      status: 400,
      errors: [{ field: 'panels.sessions.limit', seen: '0', allowed: 'a whole number from 1 to 1000' }],
    });
    expect(await ask({ panels: ['sessions'], maxPerSecond: 20 })).toMatchObject({
      status: 400,
      errors: [{ field: 'maxPerSecond', seen: '20', allowed: 'a number from 0.1 to 10' }],
    });
  });

  it('of portfolios and positions is sorted by its figures, and each row agrees with the prices', async () => {
    const put = async (id: string, cash: string, positions: object[]) => {
      const body = { broker: 'made', account: id, asOf: '2026-11-25T09:30:00Z', currency: 'USD', cash, positions };
      const answer = await app.request('PUT', `/v1/portfolios/${id}/snapshot`, { token: trader, body });
      expect([answer.status, answer.body.code]).toEqual([200, undefined]);
    };
    const position = (key: string, quantity: string) => ({
      ...{ key, quantity, averagePrice: '90', lastPrice: '100', previousClose: '95' },
    });
    await put('small', '9.5', [position('A', '1')]);
    await put('large', '100', [position('A', '5'), position('B', '-2')]);
    const panels = { portfolios: { sort: '-value', limit: 1 }, positions: { sort: 'value' } };
    const screen = await watch({ panels });
    const shown = () => [
      screen.held.panels['portfolios'].order.map((id: string) => [id, screen.held.panels['portfolios'].rows[id].value]),
      screen.held.panels['positions'].order.map((id: string) => [id, screen.held.panels['positions'].rows[id].value]),
    ];
    // The first cut may be one from before the writes.
    await eventually(() =>
      expect(screen.held.panels['portfolios']).toMatchObject({
        total: 2,
        totals: [{ currency: 'USD', value: '509.5' }],
      }),
    );
    expect(shown()).toEqual([
      [['large', '400']],
      [
        ['large|B|', '-200'],
        ['small|A|', '100'],
        ['large|A|', '500'],
      ],
    ]);
    // The totals are of all positions of the parameters, whatever the window.
    const totals = { currency: 'USD', positions: 3, value: '400', unrealised: '40', known: { value: '400' } };
    expect(screen.held.panels['positions'].totals).toMatchObject([totals]);
    const { body: large } = await rest({ positions: { portfolioId: 'large', limit: 1 } });
    expect(large.panels.positions).toMatchObject({ total: 2, totals: [{ positions: 2, value: '300' }] });
    const operator = (await app.login('operator')).token;
    const quotes = [{ broker: 'made', key: 'B', price: '300', asOf: '2026-11-25T09:31:00Z' }];
    expect((await app.request('POST', '/v1/quotes', { token: operator, body: { quotes } })).status).toBe(200);
    await eventually(() =>
      expect(shown()).toEqual([
        [['small', '109.5']],
        [
          ['large|B|', '-600'],
          ['small|A|', '100'],
          ['large|A|', '500'],
        ],
      ]),
    );
    expect(screen.held.panels['portfolios'].totals[0].value).toBe('109.5');
    expect(screen.held.panels['positions'].totals).toMatchObject([{ positions: 3, value: '0', unrealised: '-360' }]);
    const { body } = await rest(panels);
    expect(screen.held).toEqual({ snapshot: body.snapshot, panels: body.panels });
    const one = await rest({ positions: { portfolioId: 'small' }, portfolios: { currency: 'EUR' } });
    expect([one.body.panels.positions.order, one.body.panels.portfolios.total]).toEqual([['small|A|'], 0]);
  });

  it('is sent at most maxPerSecond times a second, with merged deltas that end in the last state', async () => {
    const panels = { sessions: {} };
    const begin = performance.now();
    const [slow, fast] = [await watch({ panels, maxPerSecond: 0.2 }), await watch({ panels })];
    for (let n = 0; n < 12; n++) {
      const seen = fast.deltas.length;
      await save('A0', { accessToken: `token number ${n}, long enough` });
      await eventually(() => expect(fast.deltas.length).toBeGreaterThan(seen));
    }
    await eventually(() => expect(slow.held).toEqual(fast.held));
    expect(slow.deltas.length).toBeLessThan(fast.deltas.length);
    // One at once, and one for each five seconds that have passed.
    expect(slow.deltas.length).toBeLessThanOrEqual((performance.now() - begin) / 5_000 + 1);
  });

  it('takes parameters in the query as windows or as panels, but not names as windows, nor both', async () => {
    const shown = async (query: string) => {
      const { status, body } = await app.request('GET', `/v1/dashboard?${query}`, { token: trader });
      return status === 200 ? body.panels : body.errors;
    };
    const json = encodeURIComponent('{"sessions":{"limit":1}}');
    const { sessions } = await shown(`windows=${json}`);
    expect(sessions.order).toHaveLength(1);
    expect(await shown(`panels=${json}`)).toEqual({ sessions });
    expect(Object.keys(await shown('panels=sessions&panels=system'))).toEqual(['sessions', 'system']);
    expect(await shown('windows=sessions')).toMatchObject([
      { field: 'windows', allowed: expect.stringContaining('JSON') },
    ]);
    expect(await shown(`panels=sessions&windows=${json}`)).toMatchObject([{ field: 'windows' }]);
  });

  it('is described in the documents: parameters and rows of every panel', async () => {
    const { schemas } = (await app.request('GET', '/openapi.json')).body.components;
    const parameters = schemas.DashboardParameters.properties;
    expect(parameters.sessions).toEqual({ $ref: '#/components/schemas/SessionsPanelParameters' });
    expect(schemas.SessionsPanelParameters.properties.limit).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 200,
    });
    expect(Object.keys(schemas.DashboardPanels.properties)).toEqual(Object.keys(parameters));
    expect(schemas.PanelName.enum).toEqual(Object.keys(parameters));
    const { components } = (await app.request('GET', '/asyncapi.json')).body;
    expect(components.messages.dashboardSubscribe.payload.$ref).toBe('#/components/schemas/DashboardSubscription');
    expect(components.schemas.DashboardSubscription.properties.panels.anyOf).toEqual([
      { type: 'array', items: { $ref: '#/components/schemas/PanelName' }, maxItems: 32 },
      { $ref: '#/components/schemas/DashboardParameters' },
    ]);
  });
});
