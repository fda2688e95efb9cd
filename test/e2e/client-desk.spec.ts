import { readFileSync } from 'node:fs';
import type { Socket as TcpSocket } from 'node:net';
import type { Socket } from 'socket.io-client';
import { LiveSockets } from '#realtime';
import { dashboardConfig } from '#dashboard/config';
import { GENERATED, typesOf } from '../../clients/typescript/scripts/openapi-types.mjs';
import { createDesk, type Desk, type Live, type OpenWire } from '../../clients/typescript/src/index.js';
import { until } from '../../clients/typescript/src/live/until.fixture.js';
import { openSocket } from '../../clients/typescript/src/live/wire.js';
import { AccessTokens } from '../../libs/auth/tokens/access-tokens.js';
import { eventually } from '../setup/eventually.js';
import { freePort } from '../setup/free-port.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { ForkedDesk } from './forked-desk.fixture.js';

const PANELS = { portfolios: { sort: '-value', limit: 1000 }, system: {} } as const;
type Watched = Live<'portfolios' | 'system'>;

/** What the watch shows equals what REST answers at the same snapshot id. */
async function expectSameCut(desk: Desk, live: Watched): Promise<void> {
  await eventually(async () => {
    const { snapshot, panels } = await desk.get('/v1/dashboard', {
      query: { windows: JSON.stringify(PANELS) },
      headers: { 'cache-control': 'no-cache' },
    });
    expect(live.current.snapshot).toEqual(snapshot);
    expect(live.current.panels).toEqual(panels);
  });
}

let asOf = Date.parse('2026-11-02T03:45:00Z');
const holding = (cash: string) => ({
  ...{ broker: 'zerodha', account: 'A', asOf: new Date((asOf += 1_000)).toISOString(), currency: 'INR', cash },
  positions: [],
});

describe('@deskwire/client against a started desk', () => {
  const env: Record<string, string> = {
    ...{ ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' },
    ...{ THROTTLING_MAX_WRITES: '1000000', THROTTLING_MAX_BULK_WRITES: '1000000' },
  };
  const internals = [dashboardConfig.with({ tickMs: 20 })];
  let database: TestDatabase;
  let server: ForkedDesk | undefined;
  let app: TestApp;
  let desk: Desk;
  let live: Watched;
  let socket: Socket;
  let document: unknown;
  const statuses: string[] = [];
  const capture: OpenWire = (url) => (socket = openSocket(url) as unknown as Socket) as never;
  const put = (id: string, cash: string) =>
    desk.put('/v1/portfolios/{id}/snapshot', { params: { id }, body: holding(cash) as never });
  const cashOf = (id: string) => live.current.panels.portfolios?.rows[id]?.cash;

  beforeAll(async () => {
    env['PORT'] = String(await freePort());
    database = await createTestDatabase();
    server = await ForkedDesk.start(database, env, internals);
    // Of a process of its own: suites of one worker share modules, so a document here may have event types that another suite declared.
    document = await (await fetch(`${server.url}/openapi.json`)).json();
    const signIn = { email: env['ADMIN_EMAIL']!, password: env['ADMIN_PASSWORD']! };
    desk = createDesk({ url: server.url, signIn, openWire: capture });
    await put('alpha', '1000.00');
    live = desk.watch(PANELS);
    live.subscribe(({ status }) => statuses.at(-1) === status || statuses.push(status));
    await until(live, ({ status }) => status === 'live');
  });
  afterAll(async () => {
    desk?.close();
    await server?.kill();
    await app?.close();
    await database.drop();
  });

  it('a watch survives kill -9 of the server, says so, and equals REST after the next start', async () => {
    await until(live, () => cashOf('alpha') === '1000.00');
    await expectSameCut(desk, live);
    const held = live.current.panels;
    await server!.kill();
    server = undefined;
    await until(live, ({ status }) => status === 'reconnecting');
    expect(live.current.panels).toEqual(held);
    // The later tests look into this desk, so it runs in their process.
    app = await startTestApp({ database, env, internals });
    await until(live, ({ status }) => status === 'live');
    await expectSameCut(desk, live);
    await put('alpha', '2000.00');
    await until(live, () => cashOf('alpha') === '2000.00');
    await expectSameCut(desk, live);
    // On a busy machine the new desk, which shares this process with the client, may be silent for too long once more.
    expect(statuses.slice(0, 3)).toEqual(['live', 'reconnecting', 'live']);
  });

  it('a watch equals REST at the snapshot id, delta after delta, and unchanged rows keep their identity', async () => {
    await expectSameCut(desk, live);
    const alpha = live.current.panels.portfolios!.rows['alpha'];
    await put('beta', '5.00');
    await until(live, () => cashOf('beta') === '5.00');
    expect(live.current.panels.portfolios!.rows['alpha']).toBe(alpha);
    await expectSameCut(desk, live);
    await put('alpha', '2.00');
    await until(live, ({ panels }) => panels.portfolios?.order.at(-1) === 'alpha');
    await expectSameCut(desk, live);
  });

  it('an expiring token is replaced on the open connection, and an expired one by a new connection', async () => {
    const tokens = app.get(AccessTokens);
    const expiring = async (inMs: number) => {
      Object.assign(tokens, { clock: () => Date.now() - 15 * 60_000 + inMs });
      try {
        await desk.signOut();
        const { email, password } = await app.login('operator');
        await desk.signIn({ email, password });
      } finally {
        Object.assign(tokens, { clock: Date.now });
      }
    };
    await expiring(30_000);
    await until(live, ({ status }) => status === 'live');
    const first = socket.id;
    // The sweep of the desk warns within a second, and the client refreshes without a new connection.
    await eventually(() => {
      const [open] = [...app.get(LiveSockets).all];
      expect(open!.expiresAt - Date.now()).toBeGreaterThan(60_000);
    });
    expect(socket.id).toBe(first);
    await expectSameCut(desk, live);
    for (const one of app.get(LiveSockets).all) app.get(LiveSockets).close(one, 'expired');
    await until(live, ({ status }) => status === 'reconnecting');
    await until(live, ({ status }) => status === 'live');
    expect(socket.id).not.toBe(first);
    await expectSameCut(desk, live);
  });

  it('a client that reads too slowly says so and holds the full cut that replaces what it missed', async () => {
    const snapshots = (round: number) =>
      Array.from({ length: 500 }, (_, at) => ({
        portfolioId: `p${at}`,
        ...holding(`${round}${at}.00`),
        account: `${'account '.repeat(7)}${at}`,
      }));
    let [round, tcp] = [1, undefined as unknown as TcpSocket];
    await eventually(async () => {
      // As if the kernel's buffers were full. To fill them takes megabytes, and the client counts so long a silence as a dead
      // connection. On a busy machine it may do so nevertheless, and have another one.
      const [reader] = [...app.get(LiveSockets).all];
      tcp = (reader!.socket.conn.transport as unknown as { socket: { _socket: TcpSocket } }).socket._socket;
      if (tcp.writableCorked === 0) tcp.cork();
      if (reader!.dropped !== undefined) await put('late', `${round++}.00`);
      else await desk.post('/v1/portfolios/snapshots', { body: { snapshots: snapshots(round++) } as never });
      expect(reader!.dropped ?? 0).toBeGreaterThan(3);
    });
    tcp.uncork();
    await until(live, ({ status }) => status === 'conflated');
    await expectSameCut(desk, live);
  });

  it('a problem of the desk has its code, its fields and its correlation id', async () => {
    await expect(desk.get('/v1/alerts', { query: { limit: 0 } })).rejects.toMatchObject({
      ...{ name: 'DeskProblem', code: 'REQUEST_INVALID', status: 400, correlationId: expect.any(String) },
      errors: [{ field: expect.stringContaining('limit'), seen: expect.anything(), allowed: expect.any(String) }],
    });
  });

  // The last one: it takes long enough for the client to count its connection as silent.
  it('the generated types are those of the server', async () => {
    // Stale: run `npm run generate -w @deskwire/client`.
    expect((await typesOf(document)) === readFileSync(GENERATED, 'utf8')).toBe(true);
  });
});
