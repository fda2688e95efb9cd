import { demoCluster } from '../cluster/demo-cluster.js';
import { expectQuietRestarts, withLoadedCluster } from '../e2e/rolling-restart.fixture.js';
import { describeWithRedis } from '../setup/redis-server.js';
import { createEmptyDatabase } from '../setup/test-database.js';

describeWithRedis('two processes of a desk behind a balancer, in full', () => {
  it(
    'six restarts with 20,000 requests and 500 sockets fail no request, and neither lose nor double a webhook',
    () =>
      withLoadedCluster({ sockets: 500, perSecond: 400 }, (loaded) =>
        expectQuietRestarts(loaded, { rounds: 3, requests: 20_000, sockets: 500 }),
      ),
    1_800_000,
  );

  it('the same users see a process that is killed instead', () =>
    withLoadedCluster({ sockets: 20, perSecond: 1_000_000 }, async ({ cluster, load }) => {
      expect(await cluster.replace(0, 'SIGKILL')).toBeNull();
      expect(load.report().failures.length).toBeGreaterThan(0);
    }));

  it('the demonstration of faults (npm run demo:cluster) keeps its promises', async () => {
    const database = await createEmptyDatabase();
    const lines: string[] = [];
    const kept = await demoCluster(database.url, [], (line) => lines.push(line));
    expect({ kept, lines }).toEqual({ kept: true, lines });
    await database.drop();
  }, 1_800_000);
});
