import { connect } from 'node:net';
import type { Socket } from 'socket.io-client';
import { LiveSockets } from '#realtime';
import { realtimeConfig } from '#realtime/config';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { ask, once, outcome, type Problem } from './sockets.fixture.js';

describe('a socket', () => {
  let app: TestApp;
  const opened: Socket[] = [];
  const open = (...args: Parameters<TestApp['socket']>) => {
    const socket = app.socket(...args);
    opened.push(socket);
    return socket;
  };

  beforeAll(async () => {
    app = await startTestApp({
      env: {
        REALTIME_MAX_CONNECTIONS: '8',
        REALTIME_MAX_PER_USER: '3',
      },
      internals: [realtimeConfig.with({ messagesPerSecond: 50, handshakeTimeoutMs: 3_000 })],
    });
  });
  afterAll(() => app.close());
  afterEach(async () => {
    opened.splice(0).forEach((socket) => socket.disconnect());
    // Compares numbers, because a failed expectation about the sockets prints the server's whole object graph for
    // seconds.
    await eventually(() => expect([...app.get(LiveSockets).all].length).toBe(0));
  });

  describe('before admission', () => {
    it('a socket without a valid token in handshake.auth gets the 401 of HTTP', async () => {
      const { token } = await app.login('viewer');
      const http = (await app.request('GET', '/v1/dashboard', { token: 'false' })).body;
      const sockets = [
        open(undefined),
        open('false'),
        open(undefined, { query: { token } }),
        open({ token } as never),
        open(token.slice(0, -2)),
      ];
      for (const refused of (await Promise.all(sockets.map(outcome))) as Problem[]) {
        expect({ ...refused, correlationId: '' }).toEqual({ ...http, correlationId: '' });
        expect(refused.correlationId).toMatch(/./);
      }
      expect(await outcome(open(token))).toBe('connected');
    });

    it('a refused socket learns which budget is spent and when to retry', async () => {
      const users = await Promise.all(Array.from({ length: 4 }, () => app.login('viewer')));
      const mine = users[0]!.token;
      for (let one = 0; one < 3; one++) expect(await outcome(open(mine))).toBe('connected');
      expect(await outcome(open(mine))).toMatchObject({
        status: 429,
        code: 'REALTIME_USER_CONNECTIONS_SPENT',
        budget: 'user',
        limit: 3,
        retryAfterMs: expect.any(Number),
      });
      for (const at of [1, 1, 1, 2, 2]) expect(await outcome(open(users[at]!.token))).toBe('connected');
      expect(await outcome(open(users[3]!.token))).toMatchObject({
        status: 503,
        code: 'REALTIME_CONNECTIONS_SPENT',
        budget: 'connections',
        limit: 8,
        retryAfterMs: expect.any(Number),
      });
      opened[0]!.disconnect();
      await eventually(async () => expect(await outcome(open(users[3]!.token))).toBe('connected'));
    });

    it('all sockets are notified once at 85 % of the budget of the process, and once when that has passed', async () => {
      const users = await Promise.all(Array.from({ length: 3 }, () => app.login('viewer')));
      const first = open(users[0]!.token);
      const told: object[] = [];
      first.on('flow', (message) => told.push(message));
      await outcome(first);
      for (const at of [1, 1, 2, 2, 2, 0]) expect(await outcome(open(users[at]!.token))).toBe('connected');
      const late = open((await app.login('operator')).token);
      const greeting = once(late, 'flow');
      expect(await outcome(late)).toBe('connected');
      expect(await greeting).toEqual({ state: 'busy', budget: 'connections', used: 8, limit: 8 });
      // 7 and 8 are one state.
      late.disconnect();
      await eventually(() => expect(app.get(LiveSockets).size).toBe(7));
      opened[1]!.disconnect();
      opened[2]!.disconnect();
      await eventually(() => expect(told.length).toBe(2));
      expect(told).toEqual([
        { state: 'busy', budget: 'connections', used: 7, limit: 8 },
        { state: 'normal', budget: 'connections', used: 5, limit: 8 },
      ]);
    });

    it('a user is notified at 85 % of their own budget, and nobody else is', async () => {
      const [ana, ben] = await Promise.all([app.login('viewer'), app.login('viewer')]);
      const [hers, his] = [open(ana.token), open(ben.token)];
      const told: object[] = [];
      his.on('flow', (message) => told.push(message));
      await Promise.all([outcome(hers), outcome(his)]);
      const busy = once(hers, 'flow');
      for (let one = 0; one < 2; one++) await outcome(open(ana.token));
      expect(await busy).toEqual({ state: 'busy', budget: 'user', used: 3, limit: 3 });
      const normal = once(hers, 'flow');
      opened.slice(2).forEach((socket) => socket.disconnect());
      expect(await normal).toEqual({ state: 'normal', budget: 'user', used: 1, limit: 3 });
      expect(await ask(his, 'dashboard:unsubscribe')).toEqual({ subscribed: false });
      expect(told).toEqual([]);
    });

    it('a socket that does not authenticate in time is closed', async () => {
      const { hostname, port } = new URL(app.url);
      const line = connect(Number(port), hostname);
      const key = Buffer.from('0123456789abcdef').toString('base64');
      line.write(
        `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
      line.resume();
      await new Promise((resolve) => line.once('close', resolve));
    });

    it('a socket on another namespace is refused', async () => {
      const { token } = await app.login('viewer');
      const { io } = await import('socket.io-client');
      const root = io(app.url, { auth: { token }, transports: ['websocket'], reconnection: false, forceNew: true });
      opened.push(root);
      expect(await outcome(root)).toMatchObject({ status: 404, code: 'REALTIME_UNKNOWN_NAMESPACE' });
    });
  });

  describe('messages', () => {
    let socket: Socket;
    beforeEach(async () => {
      socket = open((await app.login('operator')).token);
      expect(await outcome(socket)).toBe('connected');
    });

    it('errors of unknown events and wrong payloads are acknowledged as problem documents', async () => {
      expect(await ask(socket, 'no:such')).toMatchObject({
        status: 404,
        code: 'REALTIME_UNKNOWN_EVENT',
        correlationId: expect.any(String),
      });
      expect(await ask(socket, 'dashboard:subscribe', { panels: ['weather'] })).toMatchObject({
        status: 400,
        code: 'REQUEST_INVALID',
        errors: [{ field: 'panels', seen: 'weather' }],
      });
      expect(await ask(socket, 'dashboard:subscribe', { panel: [] })).toMatchObject({
        detail: 'panel: no such field in this message',
        errors: [{ field: 'panel', allowed: 'no such field in this message' }],
      });
      for (const wrong of [
        { panels: 'portfolios' },
        { panels: [1] },
        { panel: [] },
        'text',
        7,
        [],
        [[]],
        { panels: Array(50).fill('system') },
      ]) {
        expect(await ask(socket, 'dashboard:subscribe', wrong)).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
      }
    });

    it('special names, special keys, binary, deep and unacknowledged messages cause no crash and no pollution', async () => {
      // The client's `emit` refuses some of these names, so the packets are written directly.
      const line = (socket.io.engine as unknown as { write(data: string): void }).write.bind(socket.io.engine);
      for (const name of ['error', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'data', 'close'])
        line(`2/dashboard,["${name}",{"x":1}]`);
      line('2/dashboard,["dashboard:subscribe",{"__proto__":{"polluted":true}}]');
      line('2/dashboard,["dashboard:subscribe",{"constructor":{"prototype":{"polluted":true}}}]');
      line(`2/dashboard,["dashboard:subscribe",${'['.repeat(9_000)}${']'.repeat(9_000)}]`);
      socket.emit('dashboard:subscribe', { panels: [Buffer.from('x')] });
      socket.emit('dashboard:subscribe', () => undefined, 'not the last', 3);
      expect(await ask(socket, 'dashboard:unsubscribe')).toEqual({ subscribed: false });
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });

    it('a malformed or oversized packet closes its socket and no other', async () => {
      const other = open((await app.login('viewer')).token);
      await outcome(other);
      const gone = once(socket, 'disconnect');
      socket.emit('dashboard:subscribe', { panels: ['x'.repeat(200_000)] });
      await gone;
      expect(await ask(other, 'dashboard:unsubscribe')).toEqual({ subscribed: false });
    });

    it('messages of a socket are limited per second', async () => {
      const answers = await Promise.all(Array.from({ length: 80 }, () => ask(socket, 'dashboard:unsubscribe')));
      const refused = answers.filter((answer) => answer.code === 'REALTIME_MESSAGES_TOO_FAST');
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThanOrEqual(30);
      expect(refused[0]).toMatchObject({ status: 429, retryAfterMs: expect.any(Number) });
    });
  });
});
