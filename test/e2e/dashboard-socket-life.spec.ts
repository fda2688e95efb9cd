import type { Socket } from 'socket.io-client';
import { UsersService } from '#auth';
import { HttpTraffic } from '#http';
import { LiveSockets } from '#realtime';
import { ShutdownSequence } from '#telemetry';
import { AccessTokens } from '../../libs/auth/tokens/access-tokens.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { ask, once, outcome } from './sockets.fixture.js';

describe('the life of a socket', () => {
  let app: TestApp;
  const opened: Socket[] = [];
  const open = (...args: Parameters<TestApp['socket']>) => {
    const socket = app.socket(...args);
    opened.push(socket);
    return socket;
  };

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  afterEach(async () => {
    opened.splice(0).forEach((socket) => socket.disconnect());
    await eventually(() => expect([...app.get(LiveSockets).all].length).toBe(0));
  });

  it('a socket is warned before its token expires, accepts a new one of the same user, and closes with it', async () => {
    const user = await app.login('viewer');
    const other = await app.login('viewer');
    const socket = open(user.token);
    await outcome(socket);
    await ask(socket, 'dashboard:subscribe');
    const live = [...app.get(LiveSockets).all][0]!;
    const end = live.expiresAt;
    const warned = once<{ expiresAt: string; inMs: number }>(socket, 'auth:expiring');
    app.get(LiveSockets).sweep(end - 59_000);
    expect(await warned).toEqual({ expiresAt: new Date(end).toISOString(), inMs: 59_000 });
    expect(await ask(socket, 'auth:refresh', { token: other.token })).toMatchObject({
      status: 403,
      code: 'REALTIME_OTHER_USER',
    });
    expect(await ask(socket, 'auth:refresh', { token: 'false' })).toMatchObject({
      status: 401,
      code: 'AUTH_UNAUTHENTICATED',
    });
    // iat and exp are whole seconds, so the new token must be of another second.
    Object.assign(app.get(AccessTokens), { clock: () => Date.now() + 1_000 });
    const { body } = await app.request('POST', '/v1/auth/refresh', { body: { refreshToken: user.refreshToken } });
    Object.assign(app.get(AccessTokens), { clock: Date.now });
    const answer = await ask(socket, 'auth:refresh', { token: body.accessToken });
    expect(Date.parse(answer.expiresAt)).toBeGreaterThan(end);
    app.get(LiveSockets).sweep(end + 1);
    expect(socket.connected).toBe(true);
    const [why, closed] = [once(socket, 'closing'), once(socket, 'disconnect')];
    app.get(LiveSockets).sweep(Date.parse(answer.expiresAt));
    expect(await why).toMatchObject({ code: 'AUTH_TOKEN_EXPIRED' });
    await closed;
  });

  it.each(['signed out', 'disabled'])('a socket is closed on every node when its user is %s', async (how) => {
    const second = await startTestApp({ database: app.database });
    try {
      const user = await app.login('viewer');
      const sockets = [open(user.token), second.socket(user.token)];
      expect(await Promise.all(sockets.map(outcome))).toEqual(['connected', 'connected']);
      const closed = Promise.all(
        sockets.map((socket) => Promise.all([once(socket, 'closing'), once(socket, 'disconnect')])),
      );
      if (how === 'disabled') await app.get(UsersService).change(user.userId, { disabled: true });
      else await app.request('POST', '/v1/auth/logout', { token: user.token, body: {} });
      for (const [why] of await closed) expect(why).toMatchObject({ code: 'AUTH_REVOKED' });
      expect(await outcome(open(user.token))).toMatchObject({ status: 401 });
    } finally {
      await second.close();
    }
  });

  it("a socket gets the panels of the new role when its user's role changes", async () => {
    const user = await app.login('trader');
    const socket = open(user.token);
    await outcome(socket);
    await ask(socket, 'dashboard:subscribe', { panels: ['portfolios'] });
    await app.request('PUT', '/v1/portfolios/other/snapshot', {
      token: (await app.login('operator')).token,
      body: {
        broker: 'zerodha',
        account: 'X',
        asOf: '2026-11-02T03:45:00Z',
        currency: 'INR',
        cash: '5.00',
        positions: [],
      },
    });
    await app.request('GET', '/v1/dashboard', { token: user.token, headers: { 'cache-control': 'no-cache' } });
    const full = once<any>(socket, 'dashboard:snapshot');
    await app.get(UsersService).change(user.userId, { roles: ['operator'] });
    expect((await full).panels.portfolios.items.map((item: { portfolioId: string }) => item.portfolioId)).toEqual([
      'other',
    ]);
  });

  it('a socket without subscription and messages for 5 min is closed with the reason', async () => {
    const { token } = await app.login('viewer');
    const [idle, watching] = [open(token), open(token)] as const;
    await Promise.all([outcome(idle), outcome(watching)]);
    await ask(watching, 'dashboard:subscribe');
    const why = once(idle, 'closing');
    for (const live of app.get(LiveSockets).all) live.lastMessageAt -= 300_001;
    app.get(LiveSockets).sweep(Date.now());
    expect(await why).toMatchObject({ code: 'REALTIME_IDLE' });
    expect(await ask(watching, 'dashboard:unsubscribe')).toEqual({ subscribed: false });
  });

  it('sockets are notified when the process stops, each with its own reconnect delay', async () => {
    const own = await startTestApp({ database: app.database });
    const { token } = await app.login('viewer');
    const sockets = Array.from({ length: 10 }, () => own.socket(token));
    await Promise.all(sockets.map(outcome));
    const told = Promise.all(sockets.map((socket) => once<{ reconnectInMs: number }>(socket, 'server:draining')));
    const closed = Promise.all(sockets.map((socket) => once(socket, 'disconnect')));
    const stopping = own.get(ShutdownSequence).run(own.get(HttpTraffic), () => own.app.close());
    expect(new Set((await told).map(({ reconnectInMs }) => reconnectInMs)).size).toBeGreaterThan(5);
    await closed;
    await stopping;
  });
});
