import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { signedInTraders } from './many-users.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const PROXY = '127.0.0.3';
const NAT = '127.0.0.4';
const USERS = 200;
/** Fewer than there are users. */
const PER_ADDRESS = 150;

describe('200 users behind one address', () => {
  let desk: TestApp;
  let tokens: string[];
  const opened: Socket[] = [];

  beforeAll(async () => {
    desk = await startTestApp({
      env: { HTTP_MAX_CONNECTIONS: '1000', HTTP_MAX_PER_ADDRESS: String(PER_ADDRESS), HTTP_TRUST_PROXY: PROXY },
    });
    tokens = await signedInTraders(desk, USERS);
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await eventually(async () => expect(await open()).toBeLessThan(10));
  });
  afterAll(() => desk.close());

  async function open(): Promise<number> {
    const { body } = await desk.request<string>('GET', '/metrics');
    return Number(/^http_connections (\d+)$/m.exec(body)?.[1]);
  }

  /** Asks for the dashboard, or without a token for the health, on a new connection, which stays open. @returns the status */
  async function ask(from: string, token: string | undefined, forwarded?: string): Promise<number> {
    const { hostname, port } = new URL(desk.url);
    const socket = connect({ port: Number(port), host: hostname, localAddress: from });
    opened.push(socket);
    socket.on('error', () => undefined);
    const proxied = forwarded === undefined ? '' : `X-Forwarded-For: ${forwarded}\r\n`;
    const what = token === undefined ? '/health/live' : '/v1/dashboard';
    const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
    socket.write(`GET ${what} HTTP/1.1\r\nHost: a\r\n${proxied}${authorization}\r\n`);
    const [data] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])) as [Buffer];
    return Number(data.toString().slice(9, 12));
  }
  const good = Array.from({ length: USERS }, () => 200);

  it('200 users behind one NAT address each keep two connections open, which is more than an address may have', async () => {
    for (let round = 0; round < 2; round++) {
      const statuses: number[] = [];
      // Fewer at once than one address may have: nobody is known before the first request.
      for (let from = 0; from < USERS; from += 100)
        statuses.push(...(await Promise.all(tokens.slice(from, from + 100).map((token) => ask(NAT, token)))));
      expect(statuses).toEqual(good);
    }
    expect(await open()).toBeGreaterThanOrEqual(2 * USERS);
  });

  it('200 users behind one trusted proxy are served at once, before they sign in and after', async () => {
    const forwarded = (n: number) => `198.51.100.${n}`;
    expect(await Promise.all(tokens.map((_, n) => ask(PROXY, undefined, forwarded(n))))).toEqual(good);
    expect(await Promise.all(tokens.map((token, n) => ask(PROXY, token, forwarded(n))))).toEqual(good);
    expect(await open()).toBeGreaterThanOrEqual(2 * USERS);
  });
});
