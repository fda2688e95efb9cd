// The cases of the test suites of socketio/engine.io-protocol (v4, 25 cases) and socketio/socket.io-protocol (v5, 32 cases,
// of which 16 are those of engine.io's sessions), written anew from the text of both protocols (MIT, github.com/socketio).
// They run on the desk with all its limits. Their echo is a namespace that the tests add to the desk's server, behind the
// desk's admission. So a message of engine.io is a packet of socket.io here, because the desk closes a connection that sends
// another one.
import type { Socket } from 'socket.io';
import { HttpTraffic } from '#http';
import { LiveSockets } from '#realtime';
import { realtimeConfig } from '#realtime/config';
import { ShutdownSequence } from '#telemetry';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { RawSocket } from './raw-sockets.fixture.js';

export const ECHO = '/echo';
/** In ms. A client on a busy machine must be able to answer within the timeout. */
const [PING_INTERVAL, PING_TIMEOUT, HANDSHAKE_TIMEOUT] = [500, 700, 600];
const UPGRADE = 'EIO=4&transport=websocket';

/** A desk whose heartbeats and handshakes are short and whose server has an echo. */
export class ProtocolDesk {
  private constructor(
    readonly app: TestApp,
    readonly token: string,
    private readonly engine: { clients: Record<string, Socket['conn']> },
  ) {}

  static async start(env: Record<string, string>): Promise<ProtocolDesk> {
    const internals = [
      realtimeConfig.with({
        ...{ pingIntervalMs: PING_INTERVAL, pingTimeoutMs: PING_TIMEOUT },
        handshakeTimeoutMs: HANDSHAKE_TIMEOUT,
      }),
    ];
    const app = await startTestApp({ env, internals });
    const { token } = await app.login('viewer');
    const first = await RawSocket.join(app.url, token);
    const [live] = app.get(LiveSockets).all;
    const { server } = live!.socket.nsp;
    server.of(ECHO).on('connection', (socket) => {
      socket.emit('auth', socket.handshake.auth);
      socket.on('message', (...args: unknown[]) => socket.emit('message-back', ...args));
      socket.on('message-with-ack', (...args: unknown[]) => (args.pop() as (...all: unknown[]) => void)(...args));
    });
    first.close();
    return new ProtocolDesk(app, token, server.engine as unknown as ProtocolDesk['engine']);
  }

  /** As a desk that gets SIGTERM: it closes the connections that its clients leave open. */
  async stop(): Promise<void> {
    await this.app.get(ShutdownSequence).run(this.app.get(HttpTraffic), () => this.app.close());
  }

  get url(): string {
    return this.app.url;
  }

  /** Resolves when a poll of the session has arrived and waits for packets. @throws when the session has ended */
  async polled({ sid }: PollingSession): Promise<void> {
    await eventually(() => expect(this.engine.clients[sid]?.transport.writable).not.toBe(false));
    if (this.engine.clients[sid] === undefined) throw new Error('The session has ended.');
  }

  get join(): string {
    return `40${ECHO},${JSON.stringify({ token: this.token })}`;
  }

  /** A WebSocket that has joined the echo. */
  async joined(): Promise<RawSocket> {
    const socket = await RawSocket.join(this.url, this.token, ECHO);
    expect(await socket.next()).toBe(`42${ECHO},["auth",{}]`);
    return socket;
  }
}

/** A session over HTTP long polling. */
export class PollingSession {
  private constructor(
    private readonly desk: string,
    readonly sid: string,
  ) {}

  static async open(desk: string): Promise<PollingSession> {
    const { body } = await ask(desk, 'EIO=4&transport=polling');
    return new PollingSession(desk, (JSON.parse(body.slice(1)) as { sid: string }).sid);
  }

  /** One that has joined the echo. */
  static async join({ url, join }: ProtocolDesk): Promise<PollingSession> {
    const session = await PollingSession.open(url);
    expect(await session.push(join)).toEqual({ status: 200, body: 'ok' });
    let answer = '';
    while (!answer.includes('"auth"')) answer += (await session.poll()).body;
    expect(answer).toContain(`40${ECHO},{"sid":`);
    return session;
  }

  poll(init: RequestInit = {}): Promise<{ status: number; body: string }> {
    return ask(this.desk, `EIO=4&transport=polling&sid=${this.sid}`, init);
  }

  push(body: string): Promise<{ status: number; body: string }> {
    return this.poll({ method: 'POST', body });
  }
}

/** A request of a session. A connection that ends without an answer counts as 400. */
export async function ask(
  desk: string,
  query: string,
  init: RequestInit = {},
): Promise<{ status: number; body: string }> {
  try {
    const response = await fetch(`${desk}/socket.io/?${query}`, init);
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: 400, body: '' };
  }
}

/** A busy machine may take longer than the interval of pings between two polls, whose answer is then a ping. */
export const unlessPinged = (attempt: () => Promise<void>): Promise<void> => eventually(attempt);

/** The 16 cases of sessions, which both suites have; without long polling six of them. */
export function sessionCases(started: () => ProtocolDesk, { polling }: { polling: boolean }): void {
  const url = () => started().url;
  const open = (packet: string | Uint8Array, upgrades: string[]) => {
    expect(packet).toMatch(/^0\{/);
    expect(JSON.parse((packet as string).slice(1))).toEqual({
      ...{ sid: expect.any(String), upgrades },
      ...{ pingInterval: PING_INTERVAL, pingTimeout: PING_TIMEOUT, maxPayload: 163_840 },
    });
  };

  it('a WebSocket opens a session', async () => {
    const socket = new RawSocket(url());
    open(await socket.next(), []);
    socket.close();
  });

  it.each(['transport=websocket', 'EIO=abc&transport=websocket', 'EIO=4', 'EIO=4&transport=abc'])(
    'a WebSocket with the query %s opens no session',
    (query) => new RawSocket(url(), query).closed,
  );

  it('a WebSocket gets heartbeats as long as it answers them', async () => {
    const socket = await started().joined();
    const silent = new RawSocket(url(), UPGRADE, false);
    await silent.next();
    silent.send(started().join);
    for (let beat = 0; beat < 2; beat++) {
      expect(await silent.nextOf('2')).toBe('2');
      silent.send('3');
    }
    await silent.closed;
    expect(socket.isOpen).toBe(true);
    socket.close();
  });

  it('a WebSocket that answers no heartbeat is closed', async () => {
    const silent = new RawSocket(url(), UPGRADE, false);
    await silent.next();
    silent.send(started().join);
    await silent.closed;
  });

  it('a WebSocket that sends a close packet is closed', async () => {
    const socket = new RawSocket(url());
    await socket.next();
    socket.send('1');
    await socket.closed;
  });

  if (!polling) return;

  it('long polling opens a session that can be upgraded', async () => {
    const { status, body } = await ask(url(), 'EIO=4&transport=polling');
    expect(status).toBe(200);
    open(body, ['websocket']);
  });

  it.each(['transport=polling', 'EIO=abc&transport=polling', 'EIO=4', 'EIO=4&transport=abc'])(
    'long polling with the query %s opens no session',
    async (query) => expect((await ask(url(), query)).status).toBe(400),
  );

  it.each(['POST', 'PUT'])('long polling opens no session by %s', async (method) => {
    expect((await ask(url(), 'EIO=4&transport=polling', { method })).status).toBe(400);
  });

  it('long polling gets heartbeats as long as it answers them', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(started());
      for (let beat = 0; beat < 3; beat++) {
        expect(await session.poll()).toEqual({ status: 200, body: '2' });
        expect(await session.push('3')).toEqual({ status: 200, body: 'ok' });
      }
    }));

  it('long polling that answers no heartbeat has no session any more', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(started());
      expect((await session.poll()).body).toBe('2');
      await session.poll(); // Is answered when the session ends.
      expect((await session.poll()).status).toBe(400);
    }));

  it('long polling that sends a close packet ends its pending poll and its session', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(started());
      const [poll] = await Promise.all([session.poll(), session.push('1')]);
      expect(poll).toEqual({ status: 200, body: '6' });
      expect((await session.poll()).status).toBe(400);
    }));

  async function upgraded(session: PollingSession): Promise<RawSocket> {
    const socket = new RawSocket(url(), `${UPGRADE}&sid=${session.sid}`);
    await socket.opened;
    socket.send('2probe');
    expect(await socket.next()).toBe('3probe');
    return socket;
  }

  it('long polling is upgraded to a WebSocket, after its pending poll ends with a noop packet', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(started());
      const socket = await upgraded(session);
      expect(await session.poll()).toEqual({ status: 200, body: '6' });
      socket.send('5');
      socket.send(`42${ECHO},["message","upgraded"]`);
      expect(await socket.nextOf('42')).toBe(`42${ECHO},["message-back","upgraded"]`);
      socket.close();
    }));

  it('an upgraded session refuses requests, and keeps its WebSocket', async () => {
    const session = await PollingSession.join(started());
    const socket = await upgraded(session);
    socket.send('5');
    socket.send(`42${ECHO},["message",1]`);
    expect(await socket.nextOf('42')).toBe(`42${ECHO},["message-back",1]`);
    expect((await session.poll()).status).toBe(400);
    socket.send(`42${ECHO},["message",2]`);
    expect(await socket.nextOf('42')).toBe(`42${ECHO},["message-back",2]`);
    socket.close();
  });

  it('an upgraded session refuses another WebSocket, and keeps its own', async () => {
    const session = await PollingSession.join(started());
    const socket = await upgraded(session);
    socket.send('5');
    socket.send(`42${ECHO},["message",1]`);
    expect(await socket.nextOf('42')).toBe(`42${ECHO},["message-back",1]`);
    await new RawSocket(url(), `${UPGRADE}&sid=${session.sid}`).closed;
    socket.send(`42${ECHO},["message",2]`);
    expect(await socket.nextOf('42')).toBe(`42${ECHO},["message-back",2]`);
    socket.close();
  });
}
