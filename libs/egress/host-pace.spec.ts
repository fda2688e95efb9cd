import { Cache, type CacheSettings, type Caches, cachingConfig, type CachingConfig } from '#caching';
import { loadConfig } from '#config';
import { HostPace } from './host-pace.js';
import type { HostTurnsRepository } from './host-turns.repository.js';

const limits = loadConfig([cachingConfig], {})['caching'] as CachingConfig;
const caches = { open: <V>(name: string, settings: CacheSettings<V>) => new Cache(name, settings, limits) };

/** A process whose database is unreachable or read-only. */
const alone = (): HostPace => {
  const shared = { take: () => Promise.resolve(undefined) };
  return new HostPace(caches as Caches, shared as unknown as HostTurnsRepository);
};

describe('the pace of a host', () => {
  it('spaces requests that come at once evenly, in the order of asking', async () => {
    const pace = alone();
    const began = performance.now();
    const order: number[] = [];
    await Promise.all([0, 1, 2, 3, 4].map((n) => pace.wait('a', 50).then(() => order.push(n))));
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(performance.now() - began).toBeGreaterThanOrEqual(79); // Four gaps of 20 ms: a slow machine only adds.
  });

  it('the pace of a host does not delay requests to another host', async () => {
    const pace = alone();
    await pace.wait('a', 0.01);
    await pace.wait('b', 0.01);
  });

  it('the pace of a host ends the wait of a caller that aborts', async () => {
    const pace = alone();
    await pace.wait('a', 0.01);
    const caller = new AbortController();
    const turn = pace.wait('a', 0.01, caller.signal);
    caller.abort(new Error('bye'));
    await expect(turn).rejects.toThrow('bye');
  });
});
