import { type Cache, Caches } from '#caching';
import { Changes } from '#changes';
import { Database, Transactions } from '#database';
import { Redis } from '#redis';
import { heldLoader, never } from '../../../libs/caching/open-cache.fixture.js';
import { eventually } from '../../setup/eventually.js';
import { describeWithRedis, RedisServer } from '../../setup/redis-server.js';
import { type TestModule, testModule } from '../../setup/test-module.js';
import { sharedProcess, type SharedProcessOptions } from './shared-process.fixture.js';

const MINUTE = 60_000;
const CHANGE = { xid: 150, position: 150 };

describeWithRedis('invalidation of values that processes share in Redis', () => {
  let server: RedisServer;
  let module: TestModule;
  const open = async (database?: TestModule['database']) => {
    const opened = await testModule([], { env: { REDIS_URL: server.url }, ...(database && { database }) });
    await eventually(() => expect(opened.get(Redis).available).toBe(true));
    return opened;
  };
  beforeAll(async () => {
    server = await RedisServer.start();
    module = await open();
  });
  afterAll(async () => {
    await module.close();
    await server.stop();
  });
  beforeEach(() => server.flush());
  const start = (options?: SharedProcessOptions<string, string>) => sharedProcess<string>(module.get(Redis), options);
  const valueKeys = () => server.command('KEYS', 'deskwire:cache:*').filter((key) => !key.endsWith('lock'));
  const stored = () => eventually(() => expect(valueKeys()).toHaveLength(1));
  const hear = (process: ReturnType<typeof start>, ...names: string[]) => {
    process.cache.heard(names, CHANGE);
    process.feed.read(160);
  };

  it('the late value of a slow load is refused by a process that has heard of a change during it', async () => {
    const [slow, other] = [start(), start()];
    const load = heldLoader<string>();
    const loading = slow.cache.getOrLoad('key', MINUTE, load.load);
    await eventually(() => expect(load.calls()).toBe(1));
    // The change is committed. The other process is notified of it, the slow one is not yet.
    hear(other, 'key');
    load.give('read before the change');
    await loading;
    await stored();
    expect(await other.cache.getOrLoad('key', MINUTE, async () => 'after the change')).toBe('after the change');
    expect(other.outcomes[0]).toBe('refused');
  });

  it('a value is refused by a change of one of its tags', async () => {
    const settings = { tagsOf: () => ['user'] };
    const [a, b] = [start({ settings }), start({ settings })];
    await a.cache.getOrLoad('key', MINUTE, async () => 'old');
    await stored();
    hear(b, 'user');
    expect(await b.cache.getOrLoad('key', MINUTE, async () => 'new')).toBe('new');
  });

  it('a value that includes the change replaces the refused one, for all processes', async () => {
    const [a, b, c] = [start(), start(), start()];
    await a.cache.getOrLoad('key', MINUTE, async () => 'old');
    await stored();
    hear(b, 'key');
    hear(c, 'key');
    await b.cache.getOrLoad('key', MINUTE, async () => 'new');
    await eventually(() => expect(b.outcomes).toContain('stored'));
    expect(await c.cache.getOrLoad('key', MINUTE, never)).toBe('new');
  });

  it('a process that starts after a change refuses a value from before it', async () => {
    const a = start();
    await a.cache.getOrLoad('key', MINUTE, async () => 'old');
    await stored();
    const late = start({ xmin: 160 });
    expect(await late.cache.getOrLoad('key', MINUTE, async () => 'new')).toBe('new');
  });

  it('a process refuses old values after a change of its own, before the feed reports it', async () => {
    const [a, b] = [start(), start()];
    await a.cache.getOrLoad('key', MINUTE, async () => 'old');
    await stored();
    await b.cache.invalidate('key');
    expect(await b.cache.getOrLoad('key', MINUTE, async () => 'new')).toBe('new');
    b.cache.clear();
    expect(await b.cache.getOrLoad('key', MINUTE, async () => 'newer')).toBe('newer');
  });

  it('a promotion during which the change arrives is not kept', async () => {
    const [a, b] = [start(), start()];
    await a.cache.getOrLoad('key', MINUTE, async () => 'old');
    await stored();
    const promoting = b.cache.getOrLoad('key', MINUTE, async () => 'new');
    hear(b, 'key');
    await promoting;
    expect(await b.cache.getOrLoad('key', MINUTE, async () => 'new')).toBe('new');
  });

  it('a process that does not read the feed trusts neither Redis nor its memory', async () => {
    let now = Date.now();
    const config = { feedSilentMs: 2_000 };
    const [a, b] = [start(), start({ config, clock: () => now })];
    await a.cache.getOrLoad('key', MINUTE, async () => 'old');
    await stored();
    expect(await b.cache.getOrLoad('key', MINUTE, never)).toBe('old');
    now += 2_001;
    expect(await b.cache.getOrLoad('key', MINUTE, async () => 'loaded')).toBe('loaded');
    expect(b.outcomes).toEqual(['hit']);
    // Loaded after the feed went silent: it is used for as long.
    now += 2_000;
    expect(await b.cache.getOrLoad('key', MINUTE, never)).toBe('loaded');
  });

  describe('by the change feed of PostgreSQL', () => {
    let others: [TestModule, TestModule];
    let caches: Cache<number>[];
    beforeAll(async () => {
      others = [await open(module.database), await open(module.database)];
      caches = [module, ...others].map((each) =>
        each.get(Caches).open<number>('spec_numbers', { topic: 'users', shared: { shape: 1 } }),
      );
      await module.get(Database).run('CREATE TABLE numbers (key text PRIMARY KEY, number int)');
    });
    afterAll(async () => {
      for (const other of others) await other.close();
    });
    const load = async (key: string) => {
      const [row] = await module
        .get(Database)
        .rows<{ number: number }>('SELECT number FROM numbers WHERE key = $1', [key]);
      return row!.number;
    };
    const write = async (key: string, number: number) => {
      await module.get(Database).run(
        `WITH told AS (INSERT INTO change_feed (topic, key) VALUES ('users', $1))
         INSERT INTO numbers VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET number = $2`,
        [key, number],
      );
      module.get(Changes).hint();
    };
    const numbers = (key: string) => Promise.all(caches.map((cache) => cache.getOrLoad(key, MINUTE, load)));

    /** How often a process took a value that another one had loaded. */
    const taken = () =>
      caches.map((cache) => cache.report().redis!).reduce((sum, { hits, waited }) => sum + hits + waited, 0);
    let number = 0;
    const change = async () => {
      await write('a', ++number);
      await eventually(async () => expect(await numbers('a')).toEqual([number, number, number]));
    };
    /** Until no transaction of the server, in any database, is older than the change. */
    const changedAndShared = (before: number) =>
      eventually(async () => {
        await change();
        expect(taken()).toBeGreaterThan(before);
      });

    it('a change reaches every process, while values are shared between them', async () => {
      for (let round = 0; round < 20; round++) await change();
      await changedAndShared(0);
    });

    it('while a transaction is open that is older than a change, the change reaches every process, and each loads the value itself', async () => {
      await changedAndShared(taken());
      const [open, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const older = module.get(Transactions).atomic(async () => {
        await module.get(Database).run('SELECT pg_current_xact_id()');
        open.resolve();
        await end.promise;
      });
      try {
        await open.promise;
        const before = taken();
        await change();
        expect(taken()).toBe(before);
      } finally {
        end.resolve();
        await older;
      }
      await changedAndShared(taken());
    });

    it('a change while Redis hangs reaches every process, and the old value in Redis is not used afterwards', async () => {
      // A value that is loaded while a transaction of another suite is older than the change is not shared.
      await eventually(async () => {
        await write('b', 1);
        await eventually(async () => expect(await numbers('b')).toEqual([1, 1, 1]));
        expect(valueKeys()).not.toEqual([]);
      });
      server.pause();
      await write('b', 2);
      // PostgreSQL notifies each process of it.
      await eventually(() => expect(caches.map((cache) => cache.peek('b'))).toEqual([undefined, undefined, undefined]));
      server.resume();
      await eventually(() => expect(valueKeys()).not.toEqual([]));
      expect(await numbers('b')).toEqual([2, 2, 2]);
    });

    it('a process that starts after a change does not use the value from before it', async () => {
      await write('c', 1);
      await eventually(async () => expect(await numbers('c')).toEqual([1, 1, 1]));
      await write('c', 2);
      const late = await open(module.database);
      try {
        const cache = late.get(Caches).open<number>('spec_numbers', { topic: 'users', shared: { shape: 1 } });
        await eventually(() => expect(late.get(Changes).lastReading).toBeDefined());
        expect(await cache.getOrLoad('c', MINUTE, load)).toBe(2);
      } finally {
        await late.close();
      }
    });
  });
});
