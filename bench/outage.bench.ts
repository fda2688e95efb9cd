// Measures three times: recovery after an outage of PostgreSQL, closing sockets of an ended login, and stopping a
// loaded process. Compares each in the same run with a baseline: a bare pg client that reconnects every second, bare
// LISTEN with a bare socket.io server, and the stop of an idle process. Run on the built app:
// DATABASE_URL=postgres://.. node bench/outage.bench.ts. The database must be empty.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket as Connection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import type * as DeskFixture from './desk.fixture.js';

// Node runs this file as it is, so the path has the extension of the source.
const { benchEnvironment, built } = (await import(
  new URL('./desk.fixture.ts', import.meta.url).href
)) as typeof DeskFixture;

const ROUNDS = 4;
const OUTAGE_MS = 3_000;
const BARE_RETRY_MS = 1_000;
const SOCKETS = 40;
/** The desk may take four times as long as the bare client, whose average is half its interval. */
const RECOVERY_FLOOR = 0.25;
/** A revocation passes the change feed, which is read at most every 20 ms. The bare server does nothing else. */
const CLOSING_FLOOR = 0.02;
const STOPPING_FLOOR = 0.2;

const [, , role] = process.argv;
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const print = (what: string, ratio: number, floor: number, numbers: object) =>
  console.log(
    JSON.stringify({ bench: 'outage', what, ratio: Number(ratio.toFixed(3)), floor, pass: ratio >= floor, ...numbers }),
  );

/** Forwards to PostgreSQL until it is closed. */
class Proxy {
  private readonly open = new Set<Connection>();
  private readonly target = new URL(process.env['DATABASE_URL']!);
  private readonly server = createServer((client) => {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.open.add(one);
      one.on('error', () => undefined).once('close', () => (this.open.delete(one), other.destroy()));
      one.pipe(other);
    }
  });
  private port = 0;

  async listen(): Promise<void> {
    await once(this.server.listen(this.port, '127.0.0.1'), 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const connection of this.open) connection.destroy();
    await closed;
  }

  get url(): string {
    return Object.assign(new URL(this.target), { port: String(this.port), hostname: '127.0.0.1' }).href;
  }
}

/** A desk in its own process. Any message stops it. */
async function serve(): Promise<void> {
  const { startApp } = await built('apps/api/start-app.js');
  const desk = await startApp({ ...process.env, ...benchEnvironment, PORT: '0' });
  await desk.ready;
  process.send!({ url: desk.url });
  await once(process, 'message');
  await desk.stop();
  process.exit(0);
}

interface Desk {
  child: ChildProcess;
  url: string;
}

const children: ChildProcess[] = [];

async function startDesk(databaseUrl: string): Promise<Desk> {
  const child = fork(import.meta.filename, ['serve'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      ...{ DATABASE_URL: databaseUrl, REALTIME_MAX_CONNECTIONS: '1000', REALTIME_MAX_PER_USER: '1000' },
      ...{ ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: 'a password for this bench' },
    },
  });
  children.push(child);
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return { child, url };
}

async function login({ url }: Desk): Promise<string> {
  const response = await fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@example.com', password: 'a password for this bench' }),
  });
  return ((await response.json()) as { accessToken: string }).accessToken;
}

async function connectSockets(desk: Desk, token: string): Promise<Socket[]> {
  const options = { auth: { token }, transports: ['websocket'], reconnection: false, forceNew: true };
  const sockets = Array.from({ length: SOCKETS }, () => io(`${desk.url}/dashboard`, options));
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve, reject) => socket.once('connect', () => resolve(true)).once('connect_error', reject)),
    ),
  );
  return sockets;
}

const closed = (sockets: readonly Socket[]) =>
  Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('disconnect', resolve))));

/** Time from the end of an outage until `works` succeeds, tried every `everyMs`. */
async function recovery(everyMs: number, works: () => Promise<boolean>): Promise<number> {
  const began = performance.now();
  while (!(await works().catch(() => false))) await pause(everyMs);
  return performance.now() - began;
}

async function measureRecovery(): Promise<void> {
  const proxy = new Proxy();
  await proxy.listen();
  const desk = await startDesk(proxy.url);
  const token = await login(desk);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await proxy.close();
    await pause(OUTAGE_MS);
    await proxy.listen();
    // The outage ends at a random time of the bare client's interval.
    const bareClient = pause(Math.random() * BARE_RETRY_MS).then(() =>
      recovery(BARE_RETRY_MS, async () => {
        const client = new pg.Client({ connectionString: proxy.url });
        await client.connect();
        await client.query('SELECT 1');
        await client.end();
        return true;
      }),
    );
    const began = performance.now();
    const dashboard = recovery(20, async () => {
      const headers = { authorization: `Bearer ${token}`, 'cache-control': 'no-cache' };
      const response = await fetch(`${desk.url}/v1/dashboard?panels=system`, { headers });
      return response.ok && ((await response.json()) as { source: string }).source === 'database';
    });
    bare.push(await bareClient.then(() => performance.now() - began));
    ours.push(await dashboard);
  }
  desk.child.kill('SIGKILL');
  await proxy.close();
  print('recovery, a bare client that retries every second : a dashboard', mean(bare) / mean(ours), RECOVERY_FLOOR, {
    ...{ oursMs: ours.map(Math.round), bareMs: bare.map(Math.round) },
  });
}

async function measureClosing(desk: Desk): Promise<void> {
  const server = new Server({ transports: ['websocket'] }).listen(0);
  const namespace = server.of('/dashboard');
  const port = ((server as any).httpServer.address() as AddressInfo).port;
  const [listener, sender] = [0, 0].map(() => new pg.Client({ connectionString: process.env['DATABASE_URL'] }));
  await Promise.all([listener!.connect(), sender!.connect()]);
  await listener!.query('LISTEN bench_close');
  listener!.on('notification', () => namespace.disconnectSockets());
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const token = await login(desk);
    const sockets = await connectSockets(desk, token);
    let began = performance.now();
    let done = closed(sockets);
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await fetch(`${desk.url}/v1/auth/logout`, { method: 'POST', headers });
    if (status >= 300) throw new Error(`the logout answered ${status}`);
    await done;
    ours.push(performance.now() - began);
    const plain = await connectSockets({ url: `http://127.0.0.1:${port}` } as Desk, '');
    began = performance.now();
    done = closed(plain);
    await sender!.query('NOTIFY bench_close');
    await done;
    bare.push(performance.now() - began);
  }
  await Promise.all([listener!.end(), sender!.end()]);
  await server.close();
  print(`closing ${SOCKETS} sockets of an ended login, bare : ours`, mean(bare) / mean(ours), CLOSING_FLOOR, {
    ...{ oursMs: ours.map(Math.round), bareMs: bare.map(Math.round) },
  });
}

async function stop({ child }: Desk): Promise<number> {
  const began = performance.now();
  child.send('stop');
  await once(child, 'exit');
  return performance.now() - began;
}

async function measureStopping(): Promise<void> {
  const [idle, loaded] = [[] as number[], [] as number[]];
  for (let round = 0; round < ROUNDS - 2; round++) {
    idle.push(await stop(await startDesk(process.env['DATABASE_URL']!)));
    const desk = await startDesk(process.env['DATABASE_URL']!);
    const token = await login(desk);
    await connectSockets(desk, token);
    let loading = true;
    const requests = Array.from({ length: 20 }, async () => {
      const headers = { authorization: `Bearer ${token}`, 'cache-control': 'no-cache' };
      while (loading) await fetch(`${desk.url}/v1/dashboard`, { headers }).catch(() => (loading = false));
    });
    await pause(500); // so that requests are in flight
    loaded.push(await stop(desk));
    loading = false;
    await Promise.all(requests);
  }
  print(
    `stopping, idle : with ${SOCKETS} sockets and 20 requests in flight`,
    mean(idle) / mean(loaded),
    STOPPING_FLOOR,
    {
      ...{ idleMs: idle.map(Math.round), loadedMs: loaded.map(Math.round) },
    },
  );
}

if (role === 'serve') await serve();
else {
  try {
    await measureRecovery();
    const desk = await startDesk(process.env['DATABASE_URL']!);
    await measureClosing(desk);
    await stop(desk);
    await measureStopping();
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}
