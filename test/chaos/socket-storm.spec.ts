import { setTimeout as pause } from 'node:timers/promises';
import { ForkedDesk } from '../e2e/forked-desk.fixture.js';
import { RawSocket } from '../e2e/raw-sockets.fixture.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

const CLIENTS = 2_000;
const ADMIN = { email: 'admin@test.example', password: 'correct horse battery staple' };
const VIEWER = { email: 'viewer@test.example', password: 'correct horse battery staple' };
/** All clients of the test have one address and one user. */
const LIMITS = { REALTIME_MAX_CONNECTIONS: '5000', REALTIME_MAX_PER_USER: '5000', HTTP_MAX_PER_ADDRESS: '5000' };

describe('two processes of the desk', () => {
  let database: TestDatabase;
  let first: ForkedDesk;
  let second: ForkedDesk;
  const signIn = async (desk: ForkedDesk, body: object): Promise<{ accessToken: string }> =>
    (await desk.request('POST', '/v1/auth/login', { body })).body;

  beforeAll(async () => {
    database = await createTestDatabase();
    const env = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, ...LIMITS };
    first = await ForkedDesk.start(database, env);
    second = await ForkedDesk.start(database, env);
  });
  afterAll(async () => {
    for (const desk of [first, second]) if (desk.child.exitCode === null && !desk.child.killed) await desk.kill();
    await database.drop();
  });

  it('a disabled user loses the sockets of both within 2 s of the commit', async () => {
    const { accessToken: admin } = await signIn(first, ADMIN);
    const created = await first.request('POST', '/v1/users', { token: admin, body: { ...VIEWER, roles: ['viewer'] } });
    const { accessToken } = await signIn(second, VIEWER);
    const desks = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? first : second));
    const sockets = await Promise.all(desks.map((desk) => RawSocket.join(desk.url, accessToken)));
    const path = `/v1/users/${created.body.id}`;
    expect((await first.request('PATCH', path, { token: admin, body: { disabled: true } })).status).toBe(200);
    const committed = performance.now();
    await Promise.all(sockets.map(({ closed }) => closed));
    expect(performance.now() - committed).toBeLessThan(2_000);
  });

  it(`${CLIENTS} clients of a killed process are back on the other one within 10 s, each with a cut`, async () => {
    const { accessToken } = await signIn(first, ADMIN);
    const enter = async (desk: ForkedDesk): Promise<RawSocket> => {
      const socket = await RawSocket.join(desk.url, accessToken);
      expect((await socket.ask('dashboard:subscribe', { panels: ['system'] })).panels.system).toBeDefined();
      return socket;
    };
    const sockets: RawSocket[] = [];
    for (let n = 0; n < CLIENTS; n += 50)
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => enter(first)))));
    // As a client does: after a random delay, and after each refusal with the time that it names.
    const back = sockets.map(async (socket) => {
      await socket.closed;
      await pause(Math.random() * 3_000);
      for (;;) {
        try {
          return await enter(second);
        } catch (refused) {
          await pause(Number(/"retryAfterMs":(\d+)/.exec(String(refused))?.[1] ?? 500));
        }
      }
    });
    const began = performance.now();
    await first.kill();
    const returned = await Promise.all(back);
    expect(performance.now() - began).toBeLessThan(10_000);
    for (const socket of returned) socket.close();
  });
});
