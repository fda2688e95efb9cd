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

const REQUESTS_PER_SECOND = 200;
const SECONDS = 15;
/** What a hanging Redis may add to the 99th percentile, in ms. */
const ADDED_TARGET_MS = 60;
/** The 99th percentile with Redis / while it hangs. */
const FLOOR = 0.1;
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
  // The tests' modules name each other as if they were compiled. In this process only: the desk runs as it is built.
  await import(new URL('../test/setup/typescript-hooks.mjs', import.meta.url).href);
  const { RedisServer } = (await import(
    new URL('../test/setup/redis-server.ts', import.meta.url).href
  )) as typeof RedisServers;
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
    const ratio = baseline / hanging;
    print({
      what: 'p99 of a dashboard, with Redis : while Redis hangs',
      ...{ ratio: Number(ratio.toFixed(2)), floor: FLOOR },
      pass: ratio >= FLOOR && [...statuses].every((status) => status === 200),
      ...{ baselineMs: Number(baseline.toFixed(1)), hangingMs: Number(hanging.toFixed(1)), statuses: [...statuses] },
    });
    const added = hanging - baseline;
    print({
      what: 'what a hanging Redis adds to the p99 of a dashboard, ms',
      ...{ measured: Number(added.toFixed(1)), target: `at most ${ADDED_TARGET_MS}`, met: added <= ADDED_TARGET_MS },
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
