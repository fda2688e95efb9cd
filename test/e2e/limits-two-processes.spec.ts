import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket as Line } from 'node:net';
import type { Socket } from 'socket.io-client';
import { LiveSockets } from '#realtime';
import { realtimeConfig } from '#realtime/config';
import { CredentialStatusRepository } from '../../libs/auth/statuses/credential-status.repository.js';
import { SocketShares } from '../../libs/realtime/budgets/socket-shares.js';
import { eventually } from '../setup/eventually.js';
import { describeWithRedis, RedisServer } from '../setup/redis-server.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { ForkedDesk } from './forked-desk.fixture.js';
import { outcome, type Problem } from './sockets.fixture.js';

const WRITES = 12;
const PER_USER = 6;
const PER_ADDRESS = 14;
const ALL = 20;
/** Failed sign-ins of an account from new addresses. */
const PER_ACCOUNT = 50;
const GUESSES = 70;
/** 10,000 in `npm run test:chaos`. */
const HANDSHAKES = Number(process.env['CHAOS_HANDSHAKES'] ?? 200);
const SHARES = `
  local all = {}
  for _, key in ipairs(redis.call('KEYS', 'deskwire:sockets:*')) do all[#all + 1] = redis.call('HGETALL', key) end
  return all`;

describeWithRedis('two processes with one Redis', () => {
  let server: RedisServer;
  let desks: [TestApp, TestApp];
  const env = () => ({
    REDIS_URL: server.url,
    THROTTLING_MAX_WRITES: String(WRITES),
    REALTIME_MAX_CLUSTER_CONNECTIONS: String(ALL),
    REALTIME_MAX_PER_USER: String(PER_USER),
    REALTIME_MAX_PER_ADDRESS: String(PER_ADDRESS),
    REALTIME_POLLING: 'true',
    HTTP_TRUST_PROXY: '127.0.0.3',
  });

  beforeAll(async () => {
    server = await RedisServer.start();
    // Both desks and their clients share one event loop.
    const internals = [realtimeConfig.with({ handshakeTimeoutMs: 60_000, authenticationTimeoutMs: 60_000 })];
    const first = await startTestApp({ env: env(), internals });
    desks = [first, await startTestApp({ env: env(), internals, database: first.database })];
    await shared(2);
  });
  afterAll(async () => {
    for (const desk of [...desks].reverse()) await desk.close();
    await server.stop();
  });
  const opened: Socket[] = [];
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.disconnect();
    await eventually(() => {
      for (const desk of desks) {
        const { budget } = desk.get(SocketShares);
        expect([[...desk.get(LiveSockets).all].length, budget.used, budget.counts.users.size]).toEqual([0, 0, 0]);
      }
      // The shares of processes that live, with nothing left in them.
      expect(sharesInRedis().filter((text) => /^(user|address):/.test(text))).toEqual([]);
      expect(desks[0].get(SocketShares).budget.usedByAll).toBe(0);
    });
  });

  const sharesInRedis = () => server.command('EVAL', SHARES, '0');

  async function limitsOf(desk: Pick<TestApp, 'request'>, token: string) {
    const { status, body } = await desk.request('GET', '/v1/system/limits', { token });
    expect(status).toBe(200);
    return body as {
      processes: number;
      items: { name: string; counted: string; scope: string; used: number; refusals: number }[];
    };
  }

  async function shared(processes: number): Promise<void> {
    const { token } = await desks[0].login('operator');
    for (const desk of desks)
      await eventually(async () => {
        const { items, ...rest } = await limitsOf(desk, token);
        expect([
          rest.processes,
          items.filter(({ scope, counted }) => scope === 'cluster' && counted !== 'redis'),
        ]).toEqual([processes, []]);
      });
  }

  function open(at: 0 | 1, token: string, options = {}): Promise<'connected' | Problem> {
    const socket = desks[at].socket(token, options);
    opened.push(socket);
    return outcome(socket);
  }

  it('a user has one limit of writes over both processes', async () => {
    const { token } = await desks[0].login('trader');
    const statuses: number[] = [];
    for (let n = 0; n < WRITES; n++)
      for (const desk of desks) statuses.push((await desk.request('PUT', '/v1/sessions', { token, body: {} })).status);
    expect(statuses.filter((status) => status !== 429)).toHaveLength(WRITES);
    const { token: operator } = await desks[0].login('operator');
    const seen = await Promise.all(desks.map((desk) => limitsOf(desk, operator)));
    const write = seen.map(({ items }) => items.find(({ name }) => name === 'throttling.write')!);
    expect(write.map(({ counted, scope, used }) => [counted, scope, used])).toEqual(
      Array(2).fill(['redis', 'cluster', WRITES]),
    );
    expect(write[0]!.refusals + write[1]!.refusals).toBe(WRITES);
  });

  it('guesses at an account from many addresses are stopped over both processes, and its owner still signs in', async () => {
    const { email, password } = await desks[0].login('trader');
    const statuses = new Map<number, number>();
    for (let n = 0; n < GUESSES; n++) {
      const status = await signIn(desks[(n % 2) as 0 | 1], email, 'not the password', `198.51.100.${n}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 401: PER_ACCOUNT, 429: GUESSES - PER_ACCOUNT });
    // The right password does not help an address that the account has never used.
    expect(await signIn(desks[1], email, password, '203.0.113.200')).toBe(429);
    for (const desk of desks)
      expect((await desk.request('POST', '/v1/auth/login', { body: { email, password } })).status).toBe(200);
  });

  /** Signs in through the trusted proxy. @returns the status */
  async function signIn(desk: TestApp, email: string, password: string, address: string): Promise<number> {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': address };
    const sent = request(new URL('/v1/auth/login', desk.url), { method: 'POST', localAddress: '127.0.0.3', headers });
    sent.end(JSON.stringify({ email, password }));
    const [{ statusCode }] = (await once(sent, 'response')) as [IncomingMessage];
    return statusCode!;
  }

  it('a user, an address and all sockets have one limit over both processes and both transports', async () => {
    const users = await Promise.all(
      ['trader', 'viewer', 'viewer', 'viewer'].map((role) => desks[0].login(role as 'viewer')),
    );
    const [ana, ben, chi] = users.map(({ token }) => token) as [string, string, string, string];
    for (let n = 0; n < PER_USER; n++)
      expect(await open((n % 2) as 0 | 1, ana, n < 3 ? {} : { transports: ['polling'] })).toBe('connected');
    for (const at of [0, 1] as const)
      expect(await open(at, ana)).toMatchObject({ code: 'REALTIME_USER_CONNECTIONS_SPENT', limit: PER_USER });
    for (let n = 0; n < PER_USER; n++) expect(await open((n % 2) as 0 | 1, ben)).toBe('connected');
    for (let n = 0; n < PER_ADDRESS - 2 * PER_USER; n++) expect(await open(0, chi)).toBe('connected');
    for (const at of [0, 1] as const)
      expect(await open(at, chi)).toMatchObject({ code: 'REALTIME_ADDRESS_CONNECTIONS_SPENT', limit: PER_ADDRESS });
    // A socket that closes on one process is free for the other.
    opened[0]!.disconnect();
    await eventually(async () => expect(await open(1, chi)).toBe('connected'));
  });

  it('sockets of both processes are told when the limit of all processes is nearly used, and when that has passed', async () => {
    const users = await Promise.all(Array.from({ length: 4 }, () => desks[0].login('viewer')));
    const flows: object[][] = [[], []];
    for (let n = 0; n < ALL * 0.85; n++) {
      const at = (n % 2) as 0 | 1;
      const { token } = users[n % 4]!;
      expect(await throughProxy(at, token, `198.51.100.${n % 4}`)).toBe('connected');
      if (n < 2)
        opened[n]!.on('flow', (told: { budget: string }) => told.budget === 'cluster' && flows[at]!.push(told));
    }
    await eventually(() => expect(flows.map((told) => told.length)).toEqual([1, 1]));
    for (const socket of opened.slice(2, 10)) socket.disconnect();
    await eventually(() => expect(flows.map((told) => told.length)).toEqual([2, 2]));
    for (const told of flows)
      expect(told).toEqual([
        { state: 'busy', budget: 'cluster', used: 17, limit: ALL },
        { state: 'normal', budget: 'cluster', used: expect.any(Number), limit: ALL },
      ]);
  });

  it('all sockets together have one limit over both processes, and its last tenth is reserved for operators', async () => {
    const users = await Promise.all(Array.from({ length: 4 }, () => desks[0].login('viewer')));
    const operator = await desks[0].login('operator');
    let admitted = 0;
    const refusals = new Set<string>();
    for (const [n, { token }] of users.entries())
      for (let each = 0; each < PER_USER; each++) {
        // Each user behind a trusted proxy has an address of their own.
        const said = await throughProxy((each % 2) as 0 | 1, token, `198.51.100.${n}`);
        if (said === 'connected') admitted += 1;
        else refusals.add(`${said.code} ${said.limit}`);
      }
    expect([admitted, [...refusals]]).toEqual([ALL * 0.9, [`REALTIME_CONNECTIONS_SPENT ${ALL * 0.9}`]]);
    for (const at of [0, 1] as const) expect(await throughProxy(at, operator.token, '198.51.100.99')).toBe('connected');
    expect(await throughProxy(0, operator.token, '198.51.100.99')).toMatchObject({ limit: ALL });
  });

  /** Opens a socket from the trusted proxy for another address. */
  async function throughProxy(at: 0 | 1, token: string, address: string): Promise<'connected' | Problem> {
    return open(at, token, { extraHeaders: { 'x-forwarded-for': address }, localAddress: '127.0.0.3' });
  }

  it('forged addresses of X-Forwarded-For share the limit of their real address on both processes', async () => {
    const forged = [
      '203.0.113.1',
      '::1',
      '127.0.0.3',
      '10.0.0.1, 203.0.113.2',
      'unknown',
      '',
      '0.0.0.0',
      'a'.repeat(200),
    ];
    const more = ['203.0.113.9:80', '[2001:db8::1]', '203.0.113.1, 127.0.0.3', "' OR 1=1 --"];
    const tokens = await Promise.all([0, 1, 2].map(async () => (await desks[0].login('viewer')).token));
    let admitted = 0;
    for (const [n, header] of [...forged, ...more].entries())
      for (const at of [0, 1] as const) {
        const said = await open(at, tokens[n % 3]!, { extraHeaders: { 'x-forwarded-for': header } });
        if (said === 'connected') admitted += 1;
      }
    expect(admitted).toBe(PER_ADDRESS);
  });

  it('bad handshakes reach no database, and leave no count behind on any process', async () => {
    const asked = desks.map((desk) => countLoads(desk));
    const lines: Line[] = [];
    const key = Buffer.from('0123456789abcdef').toString('base64');
    const head = `Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
    for (let n = 0; n < HANDSHAKES; n++) {
      const { hostname, port } = new URL(desks[(n % 2) as 0 | 1].url);
      const line = connect({ port: Number(port), host: hostname, localAddress: `127.0.1.${n % 200}` });
      lines.push(line);
      line.on('error', () => undefined).resume();
      const query = ['', '&sid=nonsense', '&transport=websocket', '&EIO=3&transport=websocket'][n % 4];
      line.write(`GET /socket.io/?EIO=4${query} HTTP/1.1\r\n${head}`);
      if (n % 100 === 99) {
        const connected = async (each: Line): Promise<unknown> => each.readyState === 'open' || once(each, 'connect');
        await Promise.allSettled(lines.map(connected));
        for (const each of lines.splice(0)) each.destroy();
      }
    }
    const forgedTokens = Array.from({ length: 40 }, (_, n) => open((n % 2) as 0 | 1, `not.a.token${n}`));
    for (const said of await Promise.all(forgedTokens))
      expect(said).toMatchObject({ code: expect.stringMatching(/AUTH_UNAUTHENTICATED|REALTIME_/) });
    for (const line of lines.splice(0)) line.destroy();
    await eventually(() => {
      for (const desk of desks) expect(desk.get(SocketShares).budget.busiest('handshakes')).toBe(0);
    });
    expect(asked.map((end) => end())).toEqual([0, 0]);
    // The counter sees the check of a good token.
    const end = countLoads(desks[0]);
    const { token } = await desks[1].login('viewer');
    expect(await open(0, token)).toBe('connected');
    expect(end()).toBe(1);
  });

  /** Counts the queries for credentials. @returns a function that ends it with the number */
  function countLoads(desk: TestApp): () => number {
    const repository = desk.get(CredentialStatusRepository);
    let loads = 0;
    const { load } = repository;
    repository.load = (...lookup) => ((loads += 1), load.apply(repository, lookup));
    return () => {
      delete (repository as { load?: unknown }).load;
      return loads;
    };
  }

  it('the sockets of a killed process are free again for the others', async () => {
    const third = await ForkedDesk.start(desks[0].database, env());
    await shared(3);
    const { token } = await desks[0].login('viewer');
    const { io } = await import('socket.io-client');
    const there: Socket[] = [];
    for (let n = 0; n < PER_USER; n++) {
      const socket = io(`${third.url}/dashboard`, {
        auth: { token },
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
      });
      there.push(socket);
      expect(await outcome(socket)).toBe('connected');
    }
    expect(await open(0, token)).toMatchObject({ code: 'REALTIME_USER_CONNECTIONS_SPENT' });
    await third.kill();
    await eventually(() => expect(desks[1].get(SocketShares).budget.usedByAll).toBe(0));
    await eventually(async () => expect(await open(1, token)).toBe('connected'));
    for (const socket of there) socket.disconnect();
    await shared(2);
  });

  it('without Redis sockets are admitted by each process, and their counts join again when it returns', async () => {
    const { token } = await desks[0].login('viewer');
    expect(await open(0, token)).toBe('connected');
    await server.kill();
    for (let n = 0; n < PER_USER - 1; n++) expect(await open(1, token)).toBe('connected');
    await server.restart();
    await shared(2);
    for (const at of [0, 1] as const) expect(await open(at, token)).toMatchObject({ limit: PER_USER });
  });
});
