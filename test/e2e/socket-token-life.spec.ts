import { createServer } from 'node:http';
import { once as event } from 'node:events';
import { Server } from 'socket.io';
import { LiveSockets } from '#realtime';
import { realtimeConfig } from '#realtime/config';
import { AccessTokens } from '../../libs/auth/tokens/access-tokens.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { RawSocket } from './raw-sockets.fixture.js';

const LIFETIME_MS = 15 * 60_000;

/** Joins with what a client keeps for socket.io's connection state recovery. @returns the server's answer */
async function recover(url: string, namespace: string, auth: object): Promise<{ socket: RawSocket; answer: string }> {
  const socket = new RawSocket(url);
  await socket.next();
  socket.send(`40${namespace},${JSON.stringify(auth)}`);
  return { socket, answer: String(await socket.next()) };
}

describe('the life of a token on a socket', () => {
  let desk: TestApp;
  beforeAll(async () => {
    desk = await startTestApp({ internals: [realtimeConfig.with({ pingIntervalMs: 300, pingTimeoutMs: 3_000 })] });
  });
  afterAll(() => desk.close());

  /** A token that expires in about ten seconds. */
  async function shortToken(): Promise<string> {
    const tokens = desk.get(AccessTokens);
    Object.assign(tokens, { clock: () => Date.now() - LIFETIME_MS + 10_000 });
    try {
      return (await desk.login('viewer')).token;
    } finally {
      Object.assign(tokens, { clock: Date.now });
    }
  }

  it('a socket ends within five seconds after its token, whether it watches or not', async () => {
    const token = await shortToken();
    const sockets = [await RawSocket.join(desk.url, token), await RawSocket.join(desk.url, token)];
    await sockets[0]!.ask('dashboard:subscribe', { panels: ['system'] });
    const [live] = desk.get(LiveSockets).all;
    const { expiresAt } = live!;
    const reasons = await Promise.all(
      sockets.map(async (socket) => {
        const reason = await socket.nextOf('42/dashboard,["closing"');
        await socket.closed;
        return { reason, afterMs: Date.now() - expiresAt };
      }),
    );
    for (const { reason, afterMs } of reasons) {
      expect(reason).toContain('AUTH_TOKEN_EXPIRED');
      expect(afterMs).toBeGreaterThanOrEqual(0);
      expect(afterMs).toBeLessThanOrEqual(5_000);
    }
  });

  it('a reconnect that asks for recovery of its session does not admit a revoked token', async () => {
    const { token } = await desk.login('viewer');
    const { socket, answer } = await recover(desk.url, '/dashboard', { token });
    // The server offers nothing to recover by.
    expect(Object.keys(JSON.parse(answer.slice('40/dashboard,'.length)) as object)).toEqual(['sid']);
    const { sid } = JSON.parse(answer.slice('40/dashboard,'.length)) as { sid: string };
    await desk.request('POST', '/v1/auth/logout', { token, body: {} });
    await socket.closed;
    for (const auth of [
      { token, pid: sid, offset: sid },
      { pid: sid, offset: sid },
    ]) {
      const again = await recover(desk.url, '/dashboard', auth);
      expect(again.answer).toMatch(/^44\/dashboard,.*"AUTH_UNAUTHENTICATED"/);
      await again.socket.closed;
    }
  });

  it("socket.io's recovery with its default skipMiddlewares admits a revoked token (negative control)", async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await event(http, 'listening');
    const io = new Server(http, { connectionStateRecovery: { maxDisconnectionDuration: 60_000 } });
    let revoked = false;
    io.of('/dashboard').use((_socket, next) => next(revoked ? new Error('AUTH_UNAUTHENTICATED') : undefined));
    io.of('/dashboard').on('connection', (socket) => socket.emit('hello'));
    const url = `http://127.0.0.1:${(http.address() as { port: number }).port}`;
    const { socket, answer } = await recover(url, '/dashboard', {});
    const { pid } = JSON.parse(answer.slice('40/dashboard,'.length)) as { pid: string };
    const hello = await socket.nextOf('42/dashboard,["hello"');
    const [, offset] = JSON.parse(hello.slice('42/dashboard,'.length)) as [string, string];
    socket.close();
    await socket.closed;
    revoked = true;
    expect((await recover(url, '/dashboard', {})).answer).toMatch(/^44/);
    await eventually(async () => expect((await recover(url, '/dashboard', { pid, offset })).answer).toMatch(/^40/));
    await io.close();
  });

  it('a dead peer is found by its heartbeat, by default within 45 s, and counted as dead', async () => {
    const { pingIntervalMs, pingTimeoutMs } = realtimeConfig.internals;
    expect(pingIntervalMs + pingTimeoutMs).toBeLessThanOrEqual(45_000);
    const { token } = await desk.login('viewer');
    const before = desk.get(LiveSockets).closedBy.get('dead') ?? 0;
    const silent = new RawSocket(desk.url, undefined, false);
    await silent.next();
    silent.send(`40/dashboard,${JSON.stringify({ token })}`);
    await silent.closed;
    await eventually(() => expect(desk.get(LiveSockets).closedBy.get('dead')).toBe(before + 1));
  });

  it('a connection that leaves its namespace is closed, so it cannot stay outside of all budgets', async () => {
    const { token } = await desk.login('viewer');
    const socket = await RawSocket.join(desk.url, token);
    socket.send('41/dashboard,');
    await socket.closed;
    expect(desk.get(LiveSockets).size).toBe(0);
  });
});
