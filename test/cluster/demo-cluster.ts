// npm run demo:cluster: two processes of one desk and one Redis behind a small TCP balancer, under load, while one thing
// after the other fails. Prints what the users saw, and exits with 1 if a promise was broken.
//   --sockets N   screens (500)       --rate N   requests a second (100)      --seconds N   of each scene (10)
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from '../setup/redis-server.js';
import { MEASURED } from '../setup/short-lived.js';
import { Cluster } from './cluster.js';
import { ClusterLoad, type Report } from './cluster-load.js';

interface Scene {
  title: string;
  act: () => Promise<unknown>;
  /** Whether requests in flight may fail. */
  mayFail?: boolean;
}

export async function demoCluster(databaseUrl: string, args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      sockets: { type: 'string', default: '500' },
      rate: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '10' },
    },
  });
  const sceneMs = Number(values.seconds) * 1_000;
  const redis = await RedisServer.start();
  const cluster = await Cluster.start(2, { ...MEASURED, DATABASE_URL: databaseUrl, REDIS_URL: redis.url });
  const load = await ClusterLoad.prepare(cluster.url);
  say(`Two processes (${cluster.urlOf(0)}, ${cluster.urlOf(1)}) behind ${cluster.url}, Redis at ${redis.url}`);
  const scenes: Scene[] = [
    { title: 'nothing fails', act: () => sleep(sceneMs) },
    { title: 'rolling restart of both', act: () => rollingRestart(cluster) },
    {
      title: 'Redis hangs (SIGSTOP)',
      act: () =>
        during(
          () => redis.pause(),
          sceneMs,
          () => redis.resume(),
        ),
    },
    {
      title: 'Redis is killed and comes back empty',
      act: () =>
        during(
          () => redis.kill(),
          sceneMs,
          () => redis.restart(),
        ),
    },
    { title: 'one process is killed (SIGKILL)', act: () => cluster.replace(0, 'SIGKILL'), mayFail: true },
  ];
  let kept = true;
  try {
    await load.begin(Number(values.sockets), Number(values.rate));
    load.report();
    for (const { title, act, mayFail = false } of scenes) {
      await act();
      await until(() => load.missing === 0);
      const report = load.report();
      kept = kept && (mayFail || report.failures.length === 0);
      say(`${title}: ${words(report)}`);
    }
    const opened = await load.end();
    await until(() => new Set(load.told()).size >= opened.length);
    const told = load.told();
    const lost = opened.filter((id) => !told.includes(id));
    kept = kept && lost.length === 0;
    say(
      `${opened.length} portfolios opened, ${new Set(told).size} told by webhook, ${lost.length} lost, ${told.length - new Set(told).size} told twice`,
    );
  } finally {
    await load.end();
    await load.close();
    await cluster.stop();
    await redis.stop();
  }
  return kept;
}

async function rollingRestart(cluster: Cluster): Promise<void> {
  for (let at = 0; at < cluster.size; at += 1) await cluster.replace(at, 'SIGTERM');
}

async function during(begin: () => unknown, ms: number, end: () => unknown): Promise<void> {
  await begin();
  await sleep(ms);
  await end();
}

async function until(reached: () => boolean): Promise<void> {
  const limit = Date.now() + 60_000;
  while (!reached() && Date.now() < limit) await sleep(50);
}

function words({ requests, failures, p99Ms, slowestMs, awayMs }: Report): string {
  const away =
    awayMs.length === 0 ? 'no socket lost' : `${awayMs.length} sockets lost, back after ${awayMs[0]} ms at most`;
  const first = failures.length === 0 ? '' : ` (${[...new Set(failures)].slice(0, 3).join('; ')})`;
  return `${requests} requests, ${failures.length} failed${first}, p99 ${p99Ms} ms, slowest ${slowestMs} ms; ${away}`;
}
