import { Cluster } from '../cluster/cluster.js';
import { ClusterLoad } from '../cluster/cluster-load.js';
import { eventually } from '../setup/eventually.js';
import { RedisServer } from '../setup/redis-server.js';
import { createEmptyDatabase } from '../setup/test-database.js';
import { buildIfStale } from '../setup/build-if-stale.js';

export interface LoadedCluster {
  cluster: Cluster;
  load: ClusterLoad;
}

/** Runs two processes and one Redis under load, and stops them. */
export async function withLoadedCluster(
  size: { sockets: number; perSecond: number },
  work: (loaded: LoadedCluster) => Promise<void>,
): Promise<void> {
  buildIfStale();
  const database = await createEmptyDatabase();
  const redis = await RedisServer.start();
  const cluster = await Cluster.start(2, { DATABASE_URL: database.url, REDIS_URL: redis.url });
  const load = await ClusterLoad.prepare(cluster.url);
  try {
    await load.begin(size.sockets, size.perSecond);
    await work({ cluster, load });
  } finally {
    await load.end();
    await load.close();
    await cluster.stop();
    await redis.stop();
    await database.drop();
  }
}

/** Restarts the processes in turn, and expects that users noticed nothing: no request failed, no webhook was lost or doubled. */
export async function expectQuietRestarts(
  { cluster, load }: LoadedCluster,
  { rounds, requests, sockets }: { rounds: number; requests: number; sockets: number },
): Promise<void> {
  for (let round = 0; round < rounds; round += 1)
    for (let at = 0; at < cluster.size; at += 1) expect(await cluster.replace(at, 'SIGTERM')).toBe(0);
  await eventually(() => expect(load.missing).toBe(0));
  await eventually(() => expect(load.answered).toBeGreaterThanOrEqual(requests), 1_500_000);
  const { failures, awayMs } = load.report();
  expect(failures).toEqual([]);
  expect(awayMs.length).toBeGreaterThanOrEqual(sockets);
  const opened = await load.end();
  expect(opened.length).toBeGreaterThan(0);
  await eventually(() => expect(new Set(load.told())).toEqual(new Set(opened)));
  expect(load.told()).toHaveLength(opened.length);
}
