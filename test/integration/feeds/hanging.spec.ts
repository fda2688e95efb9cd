import type { ServerResponse } from 'node:http';
import { Database } from '#database';
import { Egress } from '#egress';
import { FeedsModule, FeedsService } from '#feeds';
import { feedsConfig } from '#feeds/config';
import { FeedPoller } from '../../../libs/feeds/cycles/feed-poller.js';
import { eventually } from '../../setup/eventually.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { type FeedServer, startFeedServer } from './feed-server.fixture.js';
import { made, rss } from './rss.fixture.js';

const NEVER_MS = 3_600_000;

describe('feeds that hang', () => {
  let server: FeedServer;
  let module: TestModule;
  let held: ServerResponse[];

  beforeAll(async () => void (server = await startFeedServer()));
  afterAll(() => server.close());
  beforeEach(() => {
    held = [];
    server.requests.length = 0;
  });
  afterEach(async () => {
    release();
    await module.close();
  });

  const release = () => {
    for (const response of held.splice(0)) response.end(rss(made(1)));
  };
  const rows = (sql: string, params?: unknown[]) => module.get(Database).rows(sql, params);
  const paths = () => server.requests.map(({ path }) => path).sort();

  async function start(numbers: Parameters<typeof feedsConfig.with>[0], role = 'web'): Promise<FeedPoller> {
    module = await testModule([FeedsModule], {
      env: { DESKWIRE_ROLE: role },
      internals: [feedsConfig.with({ timeoutMs: 60_000, ...numbers })],
    });
    module.get(Egress).allow(server.host);
    return module.get(FeedPoller);
  }

  async function add(...names: string[]): Promise<void> {
    for (const name of names) {
      server.on(`/${name}`, name.startsWith('hangs') ? (_request, response) => held.push(response) : rss(made(1)));
      await module
        .get(FeedsService)
        .create({ name, kind: 'rss', url: `${server.origin}/${name}`, requestsPerSecond: 1_000 });
    }
  }

  it('a feed that hangs gives up its place, so others are polled while as many hang as there are places', async () => {
    const poller = await start({ concurrency: 2, slowAfterMs: 50 });
    await add('hangs-1', 'hangs-2');
    const hanging = poller.runDue();
    await eventually(() => expect(held).toHaveLength(2));
    await add('wire');
    await eventually(async () => {
      const polled = await poller.runDue();
      expect(polled.map(({ source, result }) => [source.name, result.outcome])).toEqual([['wire', 'fresh']]);
    });
    expect(held).toHaveLength(2);
    release();
    expect(await hanging).toHaveLength(2);
  });

  it('feeds that failed last time take no place of the others, and only some of them are polled at once', async () => {
    const poller = await start({ concurrency: 2, slowConcurrency: 3, slowAfterMs: NEVER_MS });
    await add('hangs-1', 'hangs-2', 'hangs-3', 'hangs-4');
    await rows(`UPDATE feed_sources SET consecutive_failures = 1, next_run_at = now() - interval '1 hour'`);
    await add('wire-1', 'wire-2');
    const first = poller.runDue();
    await eventually(() => expect(server.requests).toHaveLength(5));
    expect(paths()).toEqual(expect.arrayContaining(['/wire-1', '/wire-2']));
    expect(held).toHaveLength(3);
    release();
    await first;
    const second = poller.runDue();
    await eventually(() => expect(held).toHaveLength(1));
    release();
    expect(await second).toHaveLength(1);
    expect(new Set(paths()).size).toBe(6);
  });

  it('feeds that begin to hang at the same time are bounded: places and slow ones together', async () => {
    const poller = await start({ concurrency: 2, slowConcurrency: 1, slowAfterMs: 20 });
    await add('hangs-1', 'hangs-2', 'hangs-3', 'hangs-4');
    await eventually(async () => {
      await poller.poll();
      expect(held).toHaveLength(3);
    });
    expect(await poller.runDue()).toEqual([]);
    expect(server.requests).toHaveLength(3);
    release();
    await eventually(async () => {
      await poller.poll();
      expect(held).toHaveLength(1);
    });
  });

  it('a feed that waits for a place is polled as soon as one is free, and not with the next pass', async () => {
    await start({ concurrency: 1, pollMs: NEVER_MS }, 'worker');
    const names = ['wire-1', 'wire-2', 'wire-3', 'wire-4'];
    await add(...names);
    // A new feed wakes the poller.
    await eventually(() => expect(paths()).toEqual(names.map((name) => `/${name}`)));
  });

  it('a process that stops hands back what it polls, so that another one polls it at once', async () => {
    await start({});
    await add('hangs');
    const other = await testModule([FeedsModule], { env: { DESKWIRE_ROLE: 'web' }, database: module.database });
    other.get(Egress).allow(server.host);
    void other.get(FeedPoller).runDue();
    await eventually(() => expect(held).toHaveLength(1));
    await other.close();
    expect(await rows('SELECT lease_owner, unfinished, consecutive_failures FROM feed_sources')).toEqual([
      { lease_owner: null, unfinished: 0, consecutive_failures: 0 },
    ]);
  });
});
