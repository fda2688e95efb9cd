import patcher from 'fast-json-patch';
import type { Socket } from 'socket.io-client';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

let asOf = Date.parse('2026-11-02T03:45:00Z');
/** A snapshot of one portfolio, each newer than the previous. */
export const snapshotOf = (portfolioId: string, cash: string, more: object = {}) => ({
  portfolioId,
  broker: 'zerodha',
  account: `A-${portfolioId}`,
  asOf: new Date((asOf += 1_000)).toISOString(),
  currency: 'INR',
  cash,
  positions: [],
  ...more,
});

describe('the dashboard', () => {
  let app: TestApp;
  let operator: string;
  let trader: { token: string; userId: string };
  const get = (path: string, token: string, headers: Record<string, string> = {}) =>
    app.request('GET', path, { token, headers });
  const fresh = (token: string, path = '/v1/dashboard') => get(path, token, { 'cache-control': 'no-cache' });
  const store = async (...snapshots: object[]) => {
    const { status, body } = await app.request('POST', '/v1/portfolios/snapshots', {
      token: operator,
      body: { snapshots },
    });
    expect([status, body.code]).toEqual([200, undefined]);
  };

  beforeAll(async () => {
    // Without workers, whose minutes give a new cut between two reads.
    app = await startTestApp({ env: { DESKWIRE_ROLE: 'web' } });
    operator = (await app.login('operator')).token;
    trader = await app.login('trader');
    await store(snapshotOf('p1', '100.00', { userId: trader.userId }), snapshotOf('p2', '250.50'));
  });
  afterAll(() => app.close());

  describe('over REST', () => {
    it('the dashboard returns all panels from one stamped cut', async () => {
      const { status, body } = await fresh(operator);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        snapshot: {
          id: expect.stringMatching(/^[0-9a-f]{10}-\d+:\d+:/),
          position: expect.any(Number),
          asOf: expect.stringMatching(/Z$/),
        },
        source: 'database',
      });
      expect(Object.keys(body.panels)).toEqual([
        'portfolios',
        'alerts',
        'deliveries',
        'feeds',
        'webhooks',
        'sessions',
        'instruments',
        'system',
      ]);
      expect(body.panels.portfolios.totals).toEqual([
        {
          currency: 'INR',
          portfolios: 2,
          cash: '350.5',
          value: '350.5',
          dayPnl: '0',
          known: { value: '350.5', dayPnl: '0' },
        },
      ]);
    });

    it('a trader sees only the own portfolios and their totals', async () => {
      const { body } = await fresh(trader.token);
      expect(body.panels.portfolios.items.map((item: { portfolioId: string }) => item.portfolioId)).toEqual(['p1']);
      expect(body.panels.portfolios.totals[0].cash).toBe('100');
    });

    it('the dashboard needs a token', async () => {
      expect((await app.request('GET', '/v1/dashboard')).status).toBe(401);
    });

    it('a cut from the database contains the last write of the caller', async () => {
      for (const cash of ['101.00', '102.00', '103.00']) {
        await store(snapshotOf('p1', cash, { userId: trader.userId }));
        expect((await fresh(trader.token)).body.panels.portfolios.items[0].cash).toBe(cash);
      }
    });

    it('a fresh cut is served from memory', async () => {
      await fresh(operator);
      const { body } = await get('/v1/dashboard', operator);
      expect(body.source).toBe('cache');
      expect(body.ageMs).toEqual(expect.any(Number));
    });

    it('a matching ETag is answered with 304, and with 200 once the content changed', async () => {
      let held = {};
      const again = (headers: object = {}) => get('/v1/dashboard', trader.token, { ...held, ...headers });
      // Once a minute, and soon after the first start, the desk's moment may change the content.
      await eventually(async () => {
        held = { 'if-none-match': (await fresh(trader.token)).headers.get('etag')! };
        expect((await again()).status).toBe(304);
        await store(snapshotOf('p2', '7.00'));
        expect((await again({ 'cache-control': 'no-cache' })).status).toBe(304);
      });
      await store(snapshotOf('p1', '104.00', { userId: trader.userId }));
      expect((await again({ 'cache-control': 'no-cache' })).status).toBe(200);
    });

    it('selected panels are returned, and unknown ones refused by name', async () => {
      expect(Object.keys((await get('/v1/dashboard?panels=system,portfolios', operator)).body.panels)).toEqual([
        'portfolios',
        'system',
      ]);
      const { status, body } = await get('/v1/dashboard?panels=portfolios,weather', operator);
      expect([status, body.code, body.errors[0].field, body.errors[0].seen]).toEqual([
        400,
        'REQUEST_INVALID',
        'panels',
        'weather',
      ]);
      expect(await get('/v1/dashboard?panel=portfolios', operator)).toMatchObject({
        status: 400,
        body: {
          detail: 'panel: no such query parameter',
          errors: [{ field: 'panel', allowed: 'no such query parameter' }],
        },
      });
      expect((await get('/v1/dashboard?panels=a&panels=b', operator)).status).toBe(400);
    });
  });

  describe('dashboard socket', () => {
    const connected = (socket: Socket) =>
      new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
    const opened: Socket[] = [];
    const open = (token: string) => {
      const socket = app.socket(token);
      opened.push(socket);
      return socket;
    };
    afterEach(() => opened.splice(0).forEach((socket) => socket.disconnect()));
    const once = <T>(socket: Socket, event: string) => new Promise<T>((resolve) => socket.once(event, resolve));

    it('a subscription is acknowledged with the answer of REST at the same stamp', async () => {
      const socket = open(operator);
      await connected(socket);
      const body = await socket.timeout(60_000).emitWithAck('dashboard:subscribe', {});
      const rest = (await fresh(operator)).body;
      expect({ snapshot: body.snapshot, panels: body.panels }).toEqual({
        snapshot: rest.snapshot,
        panels: rest.panels,
      });
    });

    it('a delta applied to a cut gives the answer of REST at the next stamp', async () => {
      const socket = open(trader.token);
      await connected(socket);
      const body = await socket.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: ['portfolios'] });
      const next = once<{ from: string; to: string; patch: never }>(socket, 'dashboard:delta');
      await store(
        snapshotOf('p1', '999.99', { userId: trader.userId }),
        snapshotOf('p3', '1.00', { userId: trader.userId }),
      );
      const delta = await next;
      expect(delta.from).toBe(body.snapshot.id);
      const held = patcher.applyPatch({ snapshot: body.snapshot, panels: body.panels }, delta.patch, true).newDocument;
      expect(held.snapshot.id).toBe(delta.to);
      const rest = (await fresh(trader.token, '/v1/dashboard?panels=portfolios')).body;
      expect(held).toEqual({ snapshot: rest.snapshot, panels: rest.panels });
      expect(JSON.stringify(held)).not.toContain('"p2"');
    });

    it('dashboard:unsubscribe ends the frames, and dashboard:resync sends a full cut', async () => {
      const socket = open(operator);
      await connected(socket);
      expect(await socket.timeout(60_000).emitWithAck('dashboard:resync')).toMatchObject({
        code: 'DASHBOARD_NOT_SUBSCRIBED',
        status: 409,
      });
      await socket.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: ['system'] });
      expect(Object.keys((await socket.timeout(60_000).emitWithAck('dashboard:resync')).panels)).toEqual(['system']);
      expect(await socket.timeout(60_000).emitWithAck('dashboard:unsubscribe')).toEqual({ subscribed: false });
      let frames = 0;
      socket.on('dashboard:delta', () => frames++);
      await store(snapshotOf('p2', '8.00'));
      await fresh(operator);
      await socket.timeout(60_000).emitWithAck('dashboard:unsubscribe');
      expect(frames).toBe(0);
    });

    it('a subscription without acknowledgement is answered with dashboard:snapshot', async () => {
      const socket = open(operator);
      await connected(socket);
      const full = once<{ source: string; panels: object }>(socket, 'dashboard:snapshot');
      socket.emit('dashboard:subscribe', { panels: ['portfolios'] });
      expect(Object.keys((await full).panels)).toEqual(['portfolios']);
    });

    it('at most ten cuts per second are computed under any load, and none without subscribers', async () => {
      const computed = async () => {
        const text: string = (await app.request('GET', '/metrics')).body;
        return [...text.matchAll(/^dashboard_cuts_total\{[^}]*\} (\d+)/gm)].reduce(
          (sum, [, count]) => sum + Number(count),
          0,
        );
      };
      const write = async (times: number) => {
        for (let n = 0; n < times; n++) await store(snapshotOf('p2', '1.00'));
      };
      const sockets = [open(operator), open(trader.token)];
      await Promise.all(sockets.map(connected));
      await Promise.all(sockets.map((socket) => socket.timeout(60_000).emitWithAck('dashboard:subscribe', {})));
      const started = performance.now();
      const before = await computed();
      await write(100);
      const cuts = (await computed()) - before;
      const seconds = (performance.now() - started) / 1_000;
      expect(cuts).toBeLessThanOrEqual(Math.ceil(seconds * 10) + 1);
      for (const socket of sockets) socket.disconnect();
      await eventually(async () =>
        expect((await app.request('GET', '/metrics')).body).toMatch(/^dashboard_watchers 0$/m),
      );
      const resting = await eventually(async () => {
        const one = await computed();
        await write(30);
        expect(await computed()).toBe(one);
        return one;
      });
      expect(resting).toBeGreaterThan(before);
    });
  });
});
