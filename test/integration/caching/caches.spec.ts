import { register } from 'prom-client';
import { type Cache, Caches } from '#caching';
import { Changes } from '#changes';
import { eventually } from '../../setup/eventually.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

const MINUTE = 60_000;

describe('the caches of a process', () => {
  let module: TestModule;
  let caches: Caches;
  beforeAll(async () => {
    module = await testModule([]);
    caches = module.get(Caches);
  });
  afterAll(() => module.close());
  const fill = async (cache: Cache<string>, ...keys: string[]) => {
    for (const key of keys) await cache.getOrLoad(key, MINUTE, async () => `${key} loaded`, { tags: [`of ${key}`] });
  };

  it('the caches of a process drop a key and a tag that another process appended to the change feed, and nothing else', async () => {
    const elsewhere = await testModule([], { database: module.database });
    try {
      const cache = caches.open<string>('spec_followed', { topic: 'users' });
      // The first reading of the feed drops everything, so a key that stays proves that the second one does not.
      await eventually(async () => {
        await fill(cache, 'first');
        await elsewhere.get(Changes).append('users', ['first']);
        await eventually(() => expect(cache.peek('first')).toBeUndefined(), 500);
      });
      await fill(cache, 'a', 'b', 'c');
      await elsewhere.get(Changes).append('users', ['a', 'of b']);
      await eventually(() => expect([cache.peek('a'), cache.peek('b')]).toEqual([undefined, undefined]));
      expect(cache.peek('c')).toBe('c loaded');
    } finally {
      await elsewhere.close();
    }
  });

  it('caches of a process have unique names', () => {
    caches.open('spec_twice', {});
    expect(() => caches.open('spec_twice', {})).toThrow('The cache spec_twice is open already');
  });

  it('the caches of a process are reported by name and counted in the metrics', async () => {
    const cache = caches.open<string>('spec_counted', { maxItems: 2 });
    await fill(cache, 'a', 'a', 'b', 'c');
    await cache.getOrLoad('d', MINUTE, () => Promise.reject(new Error('down'))).catch(() => undefined);
    const report = caches.reports().find(({ name }) => name === 'spec_counted');
    expect(report).toMatchObject({ entries: 2, hits: 1, misses: 3, evictions: 1, loadFailures: 1 });
    const metrics = await register.metrics();
    for (const line of [
      'cache_requests_total{cache="spec_counted",tier="memory",outcome="hit"} 1',
      'cache_requests_total{cache="spec_counted",tier="memory",outcome="miss"} 3',
      'cache_requests_total{cache="spec_counted",tier="memory",outcome="error"} 1',
      'cache_requests_total{cache="spec_counted",tier="memory",outcome="stale"} 0',
      'cache_evictions_total{cache="spec_counted",tier="memory"} 1',
      'cache_items{cache="spec_counted",tier="memory"} 2',
      `cache_bytes{cache="spec_counted",tier="memory"} ${report!.bytes}`,
      'cache_max_bytes{cache="spec_counted",tier="memory"} 67108864',
    ])
      expect(metrics).toContain(line);
  });
});
