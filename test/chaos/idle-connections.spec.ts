import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ForkedDesk } from '../e2e/forked-desk.fixture.js';
import { Bystander, expectUnharmed, spread } from '../setup/bystander.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

const IDLE = 1_300;
/** The usual limit of a shell. The desk accepts three quarters of it. */
const OPEN_FILES = 1_024;
const ACCEPTED = 768;
const PER_ADDRESS = 256;

describe(`${IDLE} idle keep-alive connections to a process with ${OPEN_FILES} open files`, () => {
  let database: TestDatabase;
  let desk: ForkedDesk;
  let token: string;
  const opened: Socket[] = [];

  const start = async (env: Record<string, string> = {}) => {
    desk = await ForkedDesk.start(database, env, [], OPEN_FILES);
  };
  beforeAll(async () => {
    database = await createTestDatabase();
    const app = await startTestApp({ database });
    ({ token } = await app.login('trader'));
    await app.close();
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await desk.kill();
  });
  afterAll(() => database.drop());

  async function metric(name: string): Promise<number> {
    const { body } = await desk.request('GET', '/metrics');
    return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(body as string)?.[1] ?? 0);
  }

  /** A connection that sends one request and stays open. @returns the status; 0 if it was closed without an answer */
  async function open(from: string): Promise<number> {
    const { hostname, port } = new URL(desk.url);
    const socket = connect({ port: Number(port), host: hostname, localAddress: from });
    opened.push(socket);
    socket.on('error', () => undefined);
    socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
    const closed = once(socket, 'close').then(() => ['']);
    const [data] = (await Promise.race([once(socket, 'data'), closed]).catch(() => [''])) as [Buffer];
    return Number(data.toString().slice(9, 12));
  }
  /** Opens them anew in each attempt, in groups of 20. @param addresses from how many */
  const attack = (addresses: number, pauseMs: number) => () => {
    for (const socket of opened.splice(0)) socket.destroy();
    return spread(IDLE, (n) => open(`127.0.3.${(n % addresses) + 1}`), { group: 20, pauseMs });
  };

  it('1,300 idle connections of one address cost another user no answer; the surplus gets a typed refusal', async () => {
    await start();
    expect(await metric('http_connections_limit')).toBe(ACCEPTED);
    const statuses = await expectUnharmed(new Bystander(desk.url, token, false), attack(1, 10));
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(PER_ADDRESS);
    expect(await metric('http_connections_refused_total{limit="address"}')).toBeGreaterThan(0);
    await eventually(async () => expect(await metric('http_connections')).toBeLessThanOrEqual(PER_ADDRESS + 10));
  });

  it('1,300 idle connections of 26 addresses take the places of idle ones, and another user is served', async () => {
    await start();
    // Within 0.65 s: before any of them has been idle for 1 s.
    await expectUnharmed(new Bystander(desk.url, token, false), attack(26, 10));
    expect(await metric('http_connections')).toBeLessThanOrEqual(ACCEPTED);
    expect((await new Bystander(desk.url, token, false).ask(60)).statuses).toEqual({ 200: 60 });
  });

  it('without limits below the open files, another user gets no answer', async () => {
    await start({ HTTP_MAX_CONNECTIONS: '50000', HTTP_MAX_PER_ADDRESS: '50000' });
    await Promise.race([attack(26, 10)(), pause(10_000, undefined, { ref: false })]);
    const asked = new Bystander(desk.url, token, false).ask(20);
    const experience = await Promise.race([asked, pause(20_000, undefined, { ref: false })]);
    expect(experience?.statuses['200'] ?? 0).toBeLessThan(20);
    for (const socket of opened.splice(0)) socket.destroy();
    await asked;
  });
});
