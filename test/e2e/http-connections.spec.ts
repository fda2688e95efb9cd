import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { httpConfig } from '#http/config';
import { Bystander, expectUnharmed, spread } from '../setup/bystander.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const ATTACKER = '127.0.0.2';
const PROXY = '127.0.0.3';
const NAT = '127.0.0.4';
const TOTAL = 120;
const PER_ADDRESS = 30;

interface Answer {
  status: number;
  head: string;
  problem: { code: string; retryAfterMs?: number };
}

describe('connections', () => {
  let desk: TestApp;
  let token: string;
  const opened: Socket[] = [];

  beforeAll(async () => {
    desk = await startTestApp({
      env: {
        HTTP_MAX_CONNECTIONS: String(TOTAL),
        HTTP_MAX_PER_ADDRESS: String(PER_ADDRESS),
        HTTP_TRUST_PROXY: PROXY,
      },
      internals: [httpConfig.with({ graceMs: 60_000 })],
    });
    ({ token } = await desk.login('trader'));
    await desk.request('GET', '/v1/dashboard', { token });
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await eventually(async () => expect(await metric('http_connections')).toBeLessThan(10));
  });
  afterAll(() => desk.close());

  async function metric(name: string): Promise<number> {
    const { body } = await desk.request<string>('GET', '/metrics');
    return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(body)?.[1] ?? 0);
  }

  /**
   * Opens a connection from an address, sends a request and stays open. @returns the answer, or the code of its error
   */
  async function open(from: string, headers: Record<string, string> = {}, path = '/health/live'): Promise<Answer> {
    const { hostname, port } = new URL(desk.url);
    const socket = connect({ port: Number(port), host: hostname, localAddress: from });
    opened.push(socket);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n${lines.join('')}\r\n`);
    const [data] = (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])) as [Buffer];
    const text = data.toString();
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return { status: Number(head.slice(9, 12)), head, problem: body.startsWith('{') ? JSON.parse(body) : {} };
  }
  const authorized = (mine: string) => ({ Authorization: `Bearer ${mine}` });

  it('idle connections of one address delay no other address, and the surplus gets the reason', async () => {
    const bystander = new Bystander(desk.url, token, false);
    let refusedBefore = 0;
    const answers = await expectUnharmed(bystander, async () => {
      for (const socket of opened.splice(0)) socket.destroy();
      await eventually(async () => expect(await metric('http_connections')).toBeLessThan(10));
      refusedBefore = await metric('http_connections_refused_total{limit="address"}');
      return spread(300, () => open(ATTACKER));
    });
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(PER_ADDRESS);
    expect(refused.length).toBeGreaterThan(50);
    expect(refused[0]!.problem).toMatchObject({ code: 'HTTP_ADDRESS_CONNECTIONS_SPENT', retryAfterMs: 1_000 });
    expect(refused[0]!.head).toMatch(/^retry-after: 1$/im);
    expect(refused[0]!.head).toMatch(/^connection: close$/im);
    expect((await metric('http_connections_refused_total{limit="address"}')) - refusedBefore).toBe(refused.length);
    // All accepted connections are still open.
    expect((await bystander.ask(60)).statuses).toEqual({ 200: 60 });
  });

  it('connections beyond the process limit replace idle ones of the address with the most connections', async () => {
    for (let n = 10; n < 16; n++)
      await Promise.all(Array.from({ length: n === 10 ? PER_ADDRESS : 17 }, () => open(`127.0.1.${n}`)));
    await eventually(async () => {
      const { status } = await open('127.0.1.99');
      expect([status, await metric('http_connections_evicted_total{limit="total"}')]).toEqual([
        200,
        expect.any(Number),
      ]);
    });
    expect(await metric('http_connections')).toBeLessThanOrEqual(TOTAL);
  });

  it('connections of 90 signed-in users behind one address are all accepted', async () => {
    for (let n = 0; n < 90; n++) expect((await open(NAT, authorized(token), '/v1/dashboard')).status).toBe(200);
  });

  it('connections of a trusted proxy are all accepted', async () => {
    const answers = await Promise.all(
      Array.from({ length: 90 }, (_, n) => open(PROXY, { 'X-Forwarded-For': `198.51.100.${n}` })),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it('a trusted proxy carries a limited number of concurrent requests of one client, and any number of others', async () => {
    /** A sign-in whose body does not arrive. */
    const begin = (forwarded: string) => {
      const { hostname, port } = new URL(desk.url);
      const socket = connect({ port: Number(port), host: hostname, localAddress: PROXY });
      opened.push(socket);
      socket.on('error', () => undefined);
      socket.write(
        `POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${forwarded}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`,
      );
      return once(socket, 'connect');
    };
    // Another port is not another client.
    await Promise.all(Array.from({ length: PER_ADDRESS }, (_, n) => begin(`203.0.113.7:${5_000 + n}`)));
    await eventually(async () => {
      const { status, problem } = await open(PROXY, { 'X-Forwarded-For': '203.0.113.7' });
      expect([status, problem.code]).toEqual([429, 'HTTP_ADDRESS_CONNECTIONS_SPENT']);
    });
    expect((await open(PROXY, { 'X-Forwarded-For': '203.0.113.8' })).status).toBe(200);
  });

  it('the idle timeout shrinks with the number of connections', async () => {
    const timeout = async () =>
      Number(/^keep-alive: timeout=(\d+)$/im.exec((await open('127.0.2.200', authorized(token))).head)?.[1]);
    expect(await timeout()).toBe(72);
    for (let n = 0; n < 3; n++)
      await Promise.all(Array.from({ length: 25 }, () => open(`127.0.2.${n + 1}`, authorized(token))));
    expect(await timeout()).toBeLessThanOrEqual(10);
    await Promise.all(Array.from({ length: 25 }, () => open('127.0.2.9')));
    expect(await timeout()).toBeLessThanOrEqual(5);
  });
});

describe('a desk that takes no place of an idle connection (negative control)', () => {
  it('without the connection limits one address locks out all others, and a burst of many costs another user answers', async () => {
    const desk = await startTestApp({
      env: { HTTP_MAX_CONNECTIONS: String(TOTAL), HTTP_MAX_PER_ADDRESS: '100000' },
      internals: [httpConfig.with({ graceMs: 1e9, heavyGraceMs: 1e9, reservedPercent: 0, keepAliveMs: 72_000_000 })],
    });
    const { token } = await desk.login('trader');
    const { hostname, port } = new URL(desk.url);
    expect(await statusesDuringBurst(desk, token)).toContain('503');
    const sockets = Array.from({ length: 150 }, () => {
      const socket = connect({ port: Number(port), host: hostname, localAddress: ATTACKER });
      socket.on('error', () => undefined);
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const { statuses } = await new Bystander(desk.url, token, false).ask(20);
    for (const socket of sockets) socket.destroy();
    await desk.close();
    expect(statuses['200'] ?? 0).toBeLessThan(20);
  });
});

/** Fills a desk with 120 places by 260 connections of 26 addresses at once. @returns the statuses that another user sees meanwhile */
async function statusesDuringBurst({ url }: TestApp, token: string): Promise<string[]> {
  const opened: Socket[] = [];
  try {
    const { hostname, port } = new URL(url);
    const burst = Array.from({ length: 260 }, async (_, n) => {
      const socket = connect({ port: Number(port), host: hostname, localAddress: `127.0.4.${(n % 26) + 1}` });
      opened.push(socket);
      socket.on('error', () => undefined);
      socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
      await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    });
    const seen = await new Bystander(url, token, false).askDuring(Promise.all(burst));
    return Object.keys(seen.statuses);
  } finally {
    for (const socket of opened) socket.destroy();
  }
}

describe('a burst of connections of many addresses', () => {
  it('a burst of 260 connections of 26 addresses at once, on a desk with 120 places, costs another user no answer', async () => {
    const desk = await startTestApp({
      env: { HTTP_MAX_CONNECTIONS: String(TOTAL), HTTP_MAX_PER_ADDRESS: String(PER_ADDRESS) },
    });
    const { token } = await desk.login('trader');
    const statuses = await statusesDuringBurst(desk, token);
    await desk.close();
    expect(statuses).toEqual(['200']);
  });
});
