import { Redis } from '#redis';
import { heldLoader, never } from '../../../libs/caching/open-cache.fixture.js';
import { eventually } from '../../setup/eventually.js';
import { describeWithRedis, RedisServer } from '../../setup/redis-server.js';
import { type TestModule, testModule } from '../../setup/test-module.js';
import { sharedProcess, type SharedProcessOptions } from './shared-process.fixture.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

describeWithRedis('values that processes share in Redis', () => {
  let server: RedisServer;
  let module: TestModule;
  beforeAll(async () => {
    server = await RedisServer.start();
    module = await testModule([], { env: { REDIS_URL: server.url } });
    await eventually(() => expect(module.get(Redis).available).toBe(true));
  });
  afterAll(async () => {
    await module.close();
    await server.stop();
  });
  beforeEach(() => server.flush());
  const start = <V, Raw = V>(options?: SharedProcessOptions<V, Raw>) => sharedProcess(module.get(Redis), options);
  const keys = () => server.command('KEYS', 'deskwire:cache:*');
  const stored = () => eventually(() => expect(keys()).toEqual([expect.not.stringContaining('lock')]));

  it.each([[0], [false], [''], [null], [undefined], [Number.NaN]])('%p is a hit in another process', async (value) => {
    const [a, b] = [start(), start()];
    expect(await a.cache.getOrLoad('key', MINUTE, async () => value)).toBe(value);
    await stored();
    expect(await b.cache.getOrLoad('key', MINUTE, never)).toBe(value);
    expect(await b.cache.getOrLoad('key', MINUTE, never)).toBe(value);
    expect([a.outcomes, b.outcomes]).toEqual([['miss', 'stored'], ['hit']]);
    expect(b.cache.report()).toMatchObject({ hits: 1, promoted: 1, misses: 0, redis: { hits: 1, misses: 0 } });
  });

  it('a promoted value has the rest of its time, by the clock of Redis, however wrong the clock of its process is', async () => {
    // A day apart but for two seconds: each day has a key of its own.
    const midnight = Math.floor(Date.now() / DAY) * DAY;
    let now = midnight + 1_000;
    const a = start({ clock: () => midnight + DAY - 1_000 });
    const b = start({ clock: () => now, settings: { graceMs: 0 } });
    await a.cache.getOrLoad('key', MINUTE, async () => 'old');
    await stored();
    server.command('PEXPIRE', keys()[0]!, '10000');
    const { source, ageMs } = await b.cache.lookup('key', MINUTE, never);
    expect(source).toBe('cache');
    expect(ageMs).toBeGreaterThanOrEqual(50_000);
    server.flush();
    now += 10_000;
    expect(await b.cache.getOrLoad('key', MINUTE, async () => 'new')).toBe('new');
  });

  it('a value older than the caller allows is loaded again', async () => {
    const [a, b] = [start(), start()];
    await a.cache.getOrLoad('key', MINUTE, async () => 'old');
    await stored();
    server.command('PEXPIRE', keys()[0]!, '10000');
    expect(await b.cache.getOrLoad('key', 50_000, async () => 'new')).toBe('new');
  });

  it('a renewal takes a value of another process only if it is younger than the one in memory has to be', async () => {
    let now = Date.now();
    const [a, b] = [start(), start({ clock: () => now })];
    const renewal = { afterMs: 30_000, ttlMs: MINUTE, load: async () => 'renewed' };
    await a.cache.getOrLoad('key', MINUTE, async () => 'old');
    await stored();
    expect(await b.cache.getOrLoad('key', MINUTE, never)).toBe('old');
    server.command('PEXPIRE', keys()[0]!, '30000');
    b.feed.read(100, { beganAt: (now += 30_000) });
    expect(b.cache.peek('key', renewal)).toBe('old');
    await eventually(() => expect(b.cache.peek('key')).toBe('renewed'));
  });

  it('a failed load is not shared, and the next process loads at once', async () => {
    const [a, b] = [start(), start()];
    await expect(a.cache.getOrLoad('key', MINUTE, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    expect(await b.cache.getOrLoad('key', MINUTE, async () => 'well')).toBe('well');
    expect(b.outcomes[0]).toBe('miss');
  });

  it('a value that is not kept, or is too large, is not shared', async () => {
    const a = start<string | undefined>({
      settings: { keeps: (value) => value !== undefined },
      config: { sharedMaxBytes: 500 },
    });
    await a.cache.getOrLoad('none', MINUTE, async () => undefined);
    await a.cache.getOrLoad('large', MINUTE, async () => 'x'.repeat(1_000));
    await eventually(() => expect(keys()).toEqual([]));
  });

  it('raw values are shared, and opened in each process; one that does not open is loaded again', async () => {
    const open = (raw: string) => ({ sign: () => `${raw} signed` });
    const [a, b, c] = [
      start({ settings: { open } }),
      start({ settings: { open } }),
      start<unknown, string>({
        settings: {
          open: (raw) => {
            if (raw === 'raw') throw new Error('sealed with another key');
            return raw;
          },
        },
      }),
    ];
    const load = async () => 'raw';
    expect((await a.cache.getOrLoad('key', MINUTE, load)).sign()).toBe('raw signed');
    await stored();
    expect((await b.cache.getOrLoad('key', MINUTE, never)).sign()).toBe('raw signed');
    expect(await c.cache.getOrLoad('key', MINUTE, async () => 'new')).toBe('new');
  });

  it('nothing in Redis shows a key, a tag or a value, and what others write there is not used', async () => {
    const a = start({ settings: { tagsOf: () => ['tag-of-a-user'] } });
    await a.cache.getOrLoad('key-of-a-user', MINUTE, async () => ({ token: 'very-secret' }));
    await a.cache.getOrLoad('another', MINUTE, async () => 'another value');
    await eventually(() =>
      expect(keys()).toEqual([expect.not.stringContaining('lock'), expect.not.stringContaining('lock')]),
    );
    const dump = JSON.stringify(keys().map((key) => [key, server.command('GET', key)]));
    for (const text of ['key-of-a-user', 'tag-of-a-user', 'very-secret', 'another'])
      for (const encoding of ['utf8', 'base64', 'hex'] as const)
        expect(dump).not.toContain(Buffer.from(text).toString(encoding).slice(0, -4));
    // One value in the place of the other, and garbage.
    const [one, other] = keys() as [string, string];
    server.command('COPY', one, other, 'REPLACE');
    server.command('SET', one, 'garbage');
    const b = start();
    expect(await b.cache.getOrLoad('key-of-a-user', MINUTE, async () => 'loaded')).toBe('loaded');
    expect(await b.cache.getOrLoad('another', MINUTE, async () => 'loaded')).toBe('loaded');
    const stranger = start({ secret: 'of another desk' });
    expect(await stranger.cache.getOrLoad('another', MINUTE, async () => 'its own')).toBe('its own');
  });

  it.each([100, 1_000, 10_000])('%d callers in two processes share one load', async (callers) => {
    const processes = [start<string>(), start<string>()];
    const { load, calls, give } = heldLoader<string>();
    const answers = processes.flatMap(({ cache }) =>
      Array.from({ length: callers / 2 }, () => cache.getOrLoad('key', MINUTE, load)),
    );
    await eventually(() => expect(calls()).toBe(1));
    give('one');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['one']));
    expect(calls()).toBe(1);
    expect(processes.flatMap(({ outcomes }) => outcomes).sort()).toEqual(['miss', 'stored', 'waited']);
  });

  it.each([100, 1_000, 10_000])('%d callers in two processes share one load each without Redis', async (callers) => {
    const without = { available: false, key: () => '', script: never };
    const processes = [sharedProcess<string>(without), sharedProcess<string>(without)];
    const { load, calls, give } = heldLoader<string>();
    const answers = processes.flatMap(({ cache }) =>
      Array.from({ length: callers / 2 }, () => cache.getOrLoad('key', MINUTE, load)),
    );
    give('one');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['one']));
    expect(calls()).toBe(2);
  });

  it('a process does not wait longer than its limit for a loader that has died, and its lock ends', async () => {
    const dead = start<string>({ config: { sharedLockMs: 60_000 } });
    void dead.cache.getOrLoad('key', MINUTE, heldLoader<string>().load);
    await eventually(() => expect(keys()).toEqual([expect.stringContaining('lock')]));
    const b = start<string>({ config: { sharedWaitMs: 20 } });
    expect(await b.cache.getOrLoad('key', MINUTE, async () => 'own load')).toBe('own load');
    expect(b.outcomes).toEqual(['miss']);
    server.command('PEXPIRE', keys()[0]!, '1');
    const c = start<string>();
    expect(await c.cache.getOrLoad('key', MINUTE, async () => 'after the lock')).toBe('after the lock');
    await stored();
  });

  it('a value that reaches Redis after its lock has ended is not stored, so no delay makes it younger', async () => {
    const a = start<string>({ config: { sharedLockMs: 100 } });
    const slow = heldLoader<string>();
    const loading = a.cache.getOrLoad('key', MINUTE, slow.load);
    await eventually(() => expect(slow.calls()).toBe(1)); // It has the lock.
    await eventually(() => expect(keys()).toEqual([]));
    slow.give('old');
    await loading;
    const b = start<string>();
    expect(await b.cache.getOrLoad('key', MINUTE, async () => 'new')).toBe('new');
    expect(a.outcomes).not.toContain('stored');
  });

  it('a Redis that does not answer in the time of a load is not waited for', async () => {
    const pending = new Promise<never>(() => undefined);
    const hung = { available: true, key: () => 'key', script: () => pending };
    const { cache, outcomes } = sharedProcess<string>(hung, { config: { sharedBudgetMs: 5 } });
    expect(await cache.getOrLoad('key', MINUTE, async () => 'from the database')).toBe('from the database');
    expect(outcomes).toEqual(['error']);
  });
});
