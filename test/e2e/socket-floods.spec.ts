import { once } from 'node:events';
import { connect, type Socket as Line } from 'node:net';
import type { ApplicationConfig } from '@nestjs/core';
import { io, type Socket } from 'socket.io-client';
import { LiveSockets } from '#realtime';
import { realtimeConfig } from '#realtime/config';
import { Bystander, expectUnharmed, spread } from '../setup/bystander.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const ATTACKER = '127.0.0.2';
const HANDSHAKES = 20;

type Outcome = 'connected' | { code: string; status: number; retryAfterMs?: number; limit?: number };

const outcome = (socket: Socket) =>
  new Promise<Outcome>((resolve) => {
    socket.on('connect', () => resolve('connected'));
    socket.on('connect_error', (error) =>
      resolve((error as { data?: Outcome }).data ?? { code: error.message, status: 0 }),
    );
  });

describe('sockets', () => {
  let desk: TestApp;
  const lines: Line[] = [];

  beforeAll(async () => {
    desk = await startTestApp({
      env: { HTTP_CORS_ORIGINS: 'https://desk.example', REALTIME_MAX_CONNECTIONS: '30' },
      internals: [realtimeConfig.with({ maxHandshakesPerAddress: HANDSHAKES, handshakeTimeoutMs: 3_000 })],
    });
  });
  afterEach(() => {
    for (const line of lines.splice(0)) line.destroy();
  });
  afterAll(() => desk.close());

  /** Requests a WebSocket and sends nothing more. @returns the head of the answer and its problem document, if any */
  async function knock(
    from: string,
    { path = '/socket.io/?EIO=4&transport=websocket', headers = {} as Record<string, string> } = {},
  ): Promise<{ status: number; problem: { code?: string; retryAfterMs?: number }; line: Line }> {
    const { hostname, port } = new URL(desk.url);
    const line = connect({ port: Number(port), host: hostname, localAddress: from });
    lines.push(line);
    line.on('error', () => undefined);
    const key = Buffer.from('0123456789abcdef').toString('base64');
    const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    line.write(
      `GET ${path} HTTP/1.1\r\nHost: desk.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${more.join('')}\r\n`,
    );
    const [data] = (await once(line, 'data')) as [Buffer];
    const [head = '', body = ''] = data.toString('latin1').split('\r\n\r\n');
    return { status: Number(head.slice(9, 12)), problem: body.startsWith('{') ? JSON.parse(body) : {}, line };
  }

  it('unauthenticated sockets of one address are refused with a code and a time, and no other address is', async () => {
    const { token } = await desk.login('viewer');
    const bystander = new Bystander(desk.url, token);
    const answers = await expectUnharmed(bystander, async () => {
      for (const line of lines.splice(0)) line.destroy();
      const attack = spread(300, () => knock(ATTACKER));
      const socket = desk.socket(token);
      expect(await outcome(socket)).toBe('connected');
      socket.disconnect();
      return attack;
    });
    const refused = answers.filter(({ status }) => status === 429);
    // Those closed in between made room for others.
    expect(answers.filter(({ status }) => status === 101).length).toBeGreaterThanOrEqual(HANDSHAKES * 2);
    expect(refused.length).toBeGreaterThan(50);
    expect(refused[0]!.problem).toMatchObject({
      code: 'REALTIME_ADDRESS_CONNECTIONS_SPENT',
      retryAfterMs: expect.any(Number),
      limit: HANDSHAKES,
    });
    const { body } = await desk.request<string>('GET', '/metrics');
    expect(body).toMatch(/^realtime_refusals_total\{reason="REALTIME_ADDRESS_CONNECTIONS_SPENT"\} \d{2,}$/m);
  });

  it('sockets beyond the handshake limit of their address get the refusal in connect_error', async () => {
    const { token } = await desk.login('viewer');
    await Promise.all(Array.from({ length: HANDSHAKES }, () => knock('127.0.0.1')));
    expect(await outcome(desk.socket(token))).toMatchObject({
      status: 429,
      code: 'REALTIME_ADDRESS_CONNECTIONS_SPENT',
      budget: 'handshakes',
      limit: HANDSHAKES,
      retryAfterMs: expect.any(Number),
    });
    for (const line of lines.splice(0)) line.destroy();
    await eventually(async () => {
      const socket = desk.socket(token);
      expect(await outcome(socket)).toBe('connected');
      socket.disconnect();
    });
    await eventually(() => expect([...desk.get(LiveSockets).all].length).toBe(0));
  });

  it('sockets without a token in time are closed', async () => {
    const { line } = await knock(ATTACKER);
    line.resume();
    await once(line, 'close');
  });

  it('a user has at most 10 sockets, and the last tenth of all is reserved for operators', async () => {
    const [ana, ben, chi] = await Promise.all(
      ['trader', 'viewer', 'viewer'].map((role) => desk.login(role as 'viewer')),
    );
    const operator = await desk.login('operator');
    const opened: Socket[] = [];
    const enter = (token: string) => {
      const socket = desk.socket(token);
      opened.push(socket);
      return outcome(socket);
    };
    for (const { token } of [ana!, ben!]) {
      for (let n = 0; n < 10; n++) expect(await enter(token)).toBe('connected');
      expect(await enter(token)).toMatchObject({ code: 'REALTIME_USER_CONNECTIONS_SPENT', limit: 10 });
    }
    for (let n = 0; n < 7; n++) expect(await enter(chi!.token)).toBe('connected');
    expect(await enter(chi!.token)).toMatchObject({ code: 'REALTIME_CONNECTIONS_SPENT', limit: 27 });
    for (let n = 0; n < 3; n++) expect(await enter(operator.token)).toBe('connected');
    expect(await enter(operator.token)).toMatchObject({ code: 'REALTIME_CONNECTIONS_SPENT', limit: 30 });
    for (const socket of opened) socket.disconnect();
    await eventually(() => expect([...desk.get(LiveSockets).all].length).toBe(0));
  });

  it('sockets of other origins are refused, and those of programs, own pages and listed origins are not', async () => {
    const ask = async (origin?: string) => {
      const { status, problem } = await knock('127.0.0.5', { headers: origin === undefined ? {} : { Origin: origin } });
      return problem.code ?? status;
    };
    expect(await ask('https://evil.example')).toBe('REALTIME_ORIGIN_REFUSED');
    expect(await ask('null')).toBe('REALTIME_ORIGIN_REFUSED');
    expect(await ask('https://desk.example')).toBe(101);
    expect(await ask('http://desk.test')).toBe(101);
    expect(await ask()).toBe(101);
  });

  it('long polling is refused with the setting that allows it', async () => {
    const answer = await desk.request('GET', '/socket.io/?EIO=4&transport=polling');
    expect([answer.status, answer.body.code]).toEqual([400, 'REALTIME_TRANSPORT_REFUSED']);
    const plain = await desk.request('GET', '/socket.io/?EIO=4&transport=websocket');
    expect([plain.status, plain.body.detail]).toEqual([400, expect.stringContaining('has no `Upgrade: websocket`')]);
  });

  it('a WebSocket request on another path gets the answer of that path', async () => {
    const { status, problem } = await knock('127.0.0.6', { path: '/v1/live' });
    expect([status, problem.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
  });
});

describe('sockets without limits by user and for operators', () => {
  let desk: TestApp;
  beforeAll(async () => {
    const env = { REALTIME_MAX_CONNECTIONS: '30', REALTIME_MAX_PER_USER: '30' };
    desk = await startTestApp({ env, internals: [realtimeConfig.with({ operatorPercent: 0 })] });
  });
  afterAll(() => desk.close());

  it('let one user take the places of all others (negative control)', async () => {
    const [ana, ben, operator] = await Promise.all([
      desk.login('trader'),
      desk.login('viewer'),
      desk.login('operator'),
    ]);
    for (let n = 0; n < 30; n++) expect(await outcome(desk.socket(ana.token))).toBe('connected');
    for (const { token } of [ben, operator])
      expect(await outcome(desk.socket(token))).toMatchObject({ code: 'REALTIME_CONNECTIONS_SPENT', limit: 30 });
  });
});

describe('long polling that is allowed', () => {
  it('allowed long polling connects with a token', async () => {
    const desk = await startTestApp({ env: { REALTIME_POLLING: 'true' } });
    const { token } = await desk.login('viewer');
    const socket = io(`${desk.url}/dashboard`, {
      auth: { token },
      transports: ['polling'],
      reconnection: false,
      forceNew: true,
    });
    expect(await outcome(socket)).toBe('connected');
    socket.disconnect();
    await desk.close();
  });

  it('a closed connection waits 1 s for the last poll of its client, and not the 30 s of engine.io', async () => {
    const desk = await startTestApp({ env: { REALTIME_POLLING: 'true' } });
    const adapter = (desk.app as unknown as { config: ApplicationConfig }).config.getIoAdapter();
    const { engine } = Reflect.get(adapter, 'server') as {
      engine: { clients: Record<string, Socket['io']['engine']> };
    };
    expect((await desk.request('GET', '/socket.io/?EIO=4&transport=polling')).status).toBe(200);
    expect(Object.values(engine.clients).map(({ transport }) => Reflect.get(transport, 'closeTimeout'))).toEqual([
      1_000,
    ]);
    await desk.close();
  });
});
