// Compares the 99th percentile of GET /v1/dashboard while Redis hangs with that of the same desk before. Run on the built
// app: DATABASE_URL=postgres://.. node bench/redis-outage.bench.ts. The database must be empty. Needs redis-server.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type * as RedisServers from '../test/setup/redis-server.js';
import type * as DeskFixture from './desk.fixture.js';

// Node runs this file as it is, so the path has the extension of the source.
const { benchEnvironment, built } = (await import(
  new URL('./desk.fixture.ts', import.meta.url).href
)) as typeof DeskFixture;
const { RedisServer } = (await import(
  new URL('../test/setup/redis-server.ts', import.meta.url).href
)) as typeof RedisServers;

const REQUESTS_PER_SECOND = 200;
const SECONDS = 15;
/** What a hanging Redis may add to the 99th percentile, in ms. */
const MORE_MS = 60;
const ADMIN = { email: 'admin@example.com', password: 'a password for this bench' };

const [, , role] = process.argv;

const print = (result: object) => console.log(JSON.stringify({ bench: 'redis-outage', ...result }));

/** A desk in its own process. */
async function serve(): Promise<void> {
  const { startApp } = await built('apps/api/start-app.js');
  const desk = await startApp({ ...process.env, ...benchEnvironment, PORT: '0' });
  await desk.ready;
  process.send!({ url: desk.url });
}

/** @returns the 99th percentile of the answers from when each request was due, in ms */
async function p99(url: string, token: string, statuses: Set<number>): Promise<number> {
  const began = performance.now();
  const times = await Promise.all(
    Array.from({ length: SECONDS * REQUESTS_PER_SECOND }, async (_, n) => {
      const due = began + (n * 1_000) / REQUESTS_PER_SECOND;
      await pause(Math.max(0, due - performance.now()));
      const response = await fetch(`${url}/v1/dashboard`, { headers: { authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
      statuses.add(response.status);
      return performance.now() - due;
    }),
  );
  times.sort((a, b) => a - b);
  return times[Math.ceil(times.length * 0.99) - 1]!;
}

async function measure(): Promise<void> {
  const redis = await RedisServer.start();
  const desk = fork(import.meta.filename, ['serve'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      ...{ REDIS_URL: redis.url, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password },
    },
  });
  try {
    const [{ url }] = (await once(desk, 'message')) as [{ url: string }];
    const login = await fetch(`${url}/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ADMIN),
    });
    const { accessToken: token } = (await login.json()) as { accessToken: string };
    const statuses = new Set<number>();
    await p99(url, token, statuses); // warms the desk up
    const baseline = await p99(url, token, statuses);
    redis.pause();
    const hanging = await p99(url, token, statuses);
    const floor = baseline / (baseline + MORE_MS);
    const ratio = baseline / hanging;
    print({
      what: 'p99 of a dashboard, with Redis : while Redis hangs',
      ...{ ratio: Number(ratio.toFixed(2)), floor: Number(floor.toFixed(2)) },
      pass: ratio >= floor && [...statuses].every((status) => status === 200),
      ...{ baselineMs: Number(baseline.toFixed(1)), hangingMs: Number(hanging.toFixed(1)), statuses: [...statuses] },
    });
  } finally {
    desk.kill('SIGKILL');
    await redis.stop();
  }
}

if (role === 'serve') await serve();
else if (spawnSync('redis-server', ['--version']).status !== 0)
  print({ what: 'not measured: redis-server is not installed', ratio: null, pass: true });
else await measure();
