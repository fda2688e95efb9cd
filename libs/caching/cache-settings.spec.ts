import { type DomainError } from '#errors';
import { down, heldLoader, never, openCache } from './open-cache.fixture.js';

describe('the age of a value', () => {
  it('the age of a value counts from the start of its load', async () => {
    const { cache, wait } = openCache();
    const slow = heldLoader<string>();
    const loading = cache.lookup('key', 1000, slow.load);
    wait(900);
    slow.give('read 900 ms ago');
    await loading;
    expect(await cache.lookup('key', 1000, never)).toMatchObject({ ageMs: 900 });
    wait(100);
    expect(await cache.getOrLoad('key', 1000, async () => 'new')).toBe('new');
  });

  it('a caller never joins a load that began longer ago than the maximum age of the value', async () => {
    const { cache, wait } = openCache();
    const hanging = heldLoader<string>();
    const first = cache.getOrLoad('key', 1000, hanging.load);
    wait(999);
    const joined = cache.getOrLoad('key', 1000, never);
    wait(1);
    expect(await cache.getOrLoad('key', 1000, async () => 'new')).toBe('new');
    hanging.give('old');
    expect(await Promise.all([first, joined])).toEqual(['old', 'old']);
    expect(await cache.getOrLoad('key', 1000, never)).toBe('new');
  });
});

describe('peek', () => {
  it('peek returns a fresh value without waiting, and undefined for a value that must be loaded', async () => {
    const { cache, wait } = openCache();
    expect(cache.peek('key')).toBeUndefined();
    await cache.getOrLoad('key', 1000, async () => 7);
    expect(cache.peek('key')).toBe(7);
    wait(1000);
    expect(cache.peek('key')).toBeUndefined();
  });

  it('peek renews a value past its renewal age once, in the background, and survives a failure of it', async () => {
    const { cache, wait } = openCache();
    let calls = 0;
    const fail = { afterMs: 500, ttlMs: 1000, load: () => (calls++, down()) };
    const renewal = { ...fail, load: async (key: string) => `${key} ${++calls}` };
    await cache.getOrLoad('key', 1000, renewal.load);
    wait(499);
    expect([cache.peek('key', renewal), calls]).toEqual(['key 1', 1]);
    wait(1);
    expect([cache.peek('key', fail), cache.peek('key', fail), calls]).toEqual(['key 1', 'key 1', 2]);
    await new Promise(setImmediate);
    expect([cache.peek('key', renewal), calls]).toEqual(['key 1', 3]);
    await new Promise(setImmediate);
    expect(cache.peek('key', renewal)).toBe('key 3');
  });
});

describe('a cache with settings of its own', () => {
  it('a cache does not keep values that `keeps` refuses', async () => {
    const { cache } = openCache({}, { keeps: (value) => value !== undefined });
    await cache.getOrLoad('key', 1000, async () => undefined);
    expect(await cache.getOrLoad('key', 1000, async () => 1)).toBe(1);
    expect(await cache.getOrLoad('key', 1000, never)).toBe(1);
  });

  it('a cache drops a value when a newer load returns one that is not kept', async () => {
    const { cache, seen, wait } = openCache({}, { keeps: (value) => value !== undefined });
    await cache.getOrLoad('key', 1000, async () => 1);
    wait(1000);
    expect(await cache.getOrLoad('key', 1000, async () => undefined)).toBeUndefined();
    expect(seen.items).toBe(0);
  });

  it('a cache keeps the same object while loads return an equal one', async () => {
    const { cache, wait } = openCache<{ n: number }>({}, { same: (a, b) => a.n === b.n });
    const first = await cache.getOrLoad('key', 1000, async () => ({ n: 1 }));
    wait(1000);
    expect(await cache.getOrLoad('key', 1000, async () => ({ n: 1 }))).toBe(first);
    expect(cache.peek('key')).toBe(first);
    wait(1000);
    expect(await cache.getOrLoad('key', 1000, async () => ({ n: 2 }))).toEqual({ n: 2 });
  });

  it('a cache with `tagsOf` drops values and running loads by their tags', async () => {
    const { cache } = openCache<{ user: string; role?: string }>({}, { tagsOf: (value) => [value.user] });
    await cache.getOrLoad('a', 1000, async () => ({ user: 'u1' }));
    await cache.getOrLoad('b', 1000, async () => ({ user: 'u2' }));
    const slow = heldLoader<{ user: string; role?: string }>();
    const loading = cache.getOrLoad('c', 1000, slow.load);
    await cache.invalidateTag('u1');
    const after = cache.getOrLoad('c', 1000, async () => ({ user: 'u1', role: 'new' }));
    slow.give({ user: 'u1', role: 'old' });
    expect(await loading).toMatchObject({ role: 'old' });
    expect(await after).toMatchObject({ role: 'new' });
    expect([cache.peek('a'), cache.peek('b'), cache.peek('c')]).toEqual([
      undefined,
      { user: 'u2' },
      { user: 'u1', role: 'new' },
    ]);
  });

  it('a cache with `standsInFor` returns a stale value only for these errors', async () => {
    const { cache, wait } = openCache(
      {},
      { standsInFor: (error) => (error as DomainError).code === 'DATABASE_DOWN', graceMs: Infinity, retryMs: 0 },
    );
    await cache.lookup('key', 1000, async () => 7);
    wait(1_000_000);
    expect(await cache.lookup('key', 1000, down)).toEqual({ value: 7, source: 'stale', ageMs: 1_000_000 });
    await expect(cache.lookup('key', 1000, async () => Promise.reject(new Error('busy')))).rejects.toThrow('busy');
    expect(await cache.lookup('key', 1000, async () => 8)).toMatchObject({ source: 'database' });
  });

  it('a cache with `sizeOf` does not freeze its values', async () => {
    const { cache, seen } = openCache<{ n: number }>({}, { sizeOf: () => 500 });
    const value = await cache.getOrLoad('key', 1000, async () => ({ n: 1 }));
    value.n = 2;
    expect(cache.peek('key')).toEqual({ n: 2 });
    expect(seen.bytes).toBe(506);
  });
});

describe('getOrBuild', () => {
  it('getOrBuild builds a value once and keeps it without a time limit until it is invalidated', async () => {
    const { cache, outcomes, wait } = openCache();
    expect(cache.getOrBuild('key', () => 1)).toBe(1);
    wait(1e12);
    cache.sweep();
    expect(cache.getOrBuild('key', () => 2)).toBe(1);
    await cache.invalidate('key');
    expect(cache.getOrBuild('key', () => 3)).toBe(3);
    expect(outcomes).toEqual(['miss', 'hit', 'miss']);
  });
});

describe('an invalidation that nobody awaits', () => {
  it('an invalidation has dropped the value when it returns, and keeps a value built right after it', async () => {
    const { cache } = openCache({}, { tagsOf: () => ['t'] });
    cache.getOrBuild('key', () => 1);
    void cache.invalidate('key');
    expect(cache.getOrBuild('key', () => 2)).toBe(2);
    void cache.invalidateTag('t');
    expect(cache.getOrBuild('key', () => 3)).toBe(3);
    for (let tick = 0; tick < 20; tick++) await Promise.resolve();
    expect(cache.peek('key')).toBe(3);
  });
});

describe('the report of a cache', () => {
  it('a cache reports its content and its counts', async () => {
    const { cache, wait } = openCache({ maxItems: 2 }, { maxBytes: Infinity, sizeOf: () => 10 });
    expect(cache.report()).toMatchObject({ name: 'spec', entries: 0, oldestMs: null, maxEntries: 2, maxBytes: null });
    await cache.getOrLoad('a', 1000, async () => 1);
    wait(300);
    for (const key of ['b', 'c', 'c']) await cache.getOrLoad(key, 1000, async () => 1);
    await cache.getOrLoad('d', 1000, down).catch(() => undefined);
    wait(50);
    expect(cache.report()).toEqual({
      ...{ name: 'spec', entries: 2, bytes: 24, maxEntries: 2, maxBytes: null },
      ...{ hits: 1, misses: 3, shared: 0, stale: 0, loadFailures: 1, evictions: 1, oldestMs: 50 },
      ...{ promoted: 0, meanLoadMs: expect.any(Number), redis: null },
    });
  });

  it('a cache is empty after clear, and running loads do not refill it', async () => {
    const { cache } = openCache();
    const slow = heldLoader<number>();
    await cache.getOrLoad('a', 1000, async () => 1);
    const loading = cache.getOrLoad('b', 1000, slow.load);
    cache.clear();
    slow.give(2);
    expect(await loading).toBe(2);
    expect(cache.report()).toMatchObject({ entries: 0, bytes: 0, oldestMs: null });
  });
});
