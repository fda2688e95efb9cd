// Compares a hit of a cache in memory with a bare LRU map, and with a hit of cache-manager over the same map. Run on the
// built app: node bench/cache.bench.ts
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';
import type { Cache as DeskCache } from '../libs/caching/cache.js';

const { Cache } = (await import(new URL('../dist/libs/caching/cache.js', import.meta.url).href)) as {
  Cache: typeof DeskCache;
};
const { coarseClock } = await import(new URL('../dist/libs/caching/coarse-clock.js', import.meta.url).href);
const { cachingConfig } = await import(new URL('../dist/libs/caching/caching.config.js', import.meta.url).href);

const KEYS = Array.from({ length: 5_000 }, (_, n) => `key ${n}`);
const HITS = 100_000;
const ROUNDS = 20;
const TTL_MS = 60_000;
/** A hit may take three times as long as one of a bare map, and no longer than one of cache-manager. */
const FLOORS = { bare: 1 / 3, manager: 1 };

const value = { a: 'value', of: ['some', 'fields'] };
const bare = new LRUCache<string, object>({ max: 10_000, ttl: TTL_MS });
// Without its serialization of values, which would make it 40 times slower.
const plain = new Keyv({ store: new LRUCache<string, object>({ max: 10_000 }), useKeyPrefix: false });
plain.serialize = undefined;
plain.deserialize = undefined;
const manager = createCache({ stores: [plain] });
// As in use: with its clock, the metrics' part that every hit has, and the change feed of a process that reads it.
let hits = 0;
const nothing = (): void => undefined;
const observer = { requested: () => void hits++, evicted: nothing, changed: nothing, loaded: nothing };
const feed = {
  readingsBegun: 1,
  lastReading: { number: 1, beganAt: Date.now(), xmin: 1, xmax: 1, position: 1, database: '' },
};
const limits = { ...cachingConfig.read({}), feedSilentMs: Infinity };
const desk = new Cache<object>('bench', {}, limits, observer, coarseClock(), { feed });
/** Before each round, so that nothing expires during it. */
async function fill(): Promise<void> {
  desk.clear();
  for (const key of KEYS) {
    bare.set(key, value);
    await manager.set(key, value);
    await desk.getOrLoad(key, TTL_MS, async () => value);
  }
}

const load = (): Promise<object> => Promise.reject(new Error('a hit was expected'));
const keyOf = (n: number): string => KEYS[(n * 7) % KEYS.length]!;
const subjects = {
  bare: () => {
    for (let n = 0; n < HITS; n++) if (bare.get(keyOf(n)) === undefined) throw new Error('a hit was expected');
  },
  peek: () => {
    for (let n = 0; n < HITS; n++) if (desk.peek(keyOf(n)) === undefined) throw new Error('a hit was expected');
  },
  getOrLoad: async () => {
    for (let n = 0; n < HITS; n++) await desk.getOrLoad(keyOf(n), TTL_MS, load);
  },
  manager: async () => {
    for (let n = 0; n < HITS; n++)
      if ((await manager.get(keyOf(n))) === undefined) throw new Error('a hit was expected');
  },
};

/** Nanoseconds of a hit, by subject: the best of interleaved rounds. */
const best = { bare: Infinity, peek: Infinity, getOrLoad: Infinity, manager: Infinity };
for (let round = 0; round < ROUNDS; round++) {
  await fill();
  for (const name of Object.keys(subjects) as (keyof typeof subjects)[]) {
    const began = performance.now();
    await subjects[name]();
    best[name] = Math.min(best[name], ((performance.now() - began) * 1e6) / HITS);
  }
}
if (hits === 0) throw new Error('the cache was not used');

const print = (what: string, ratio: number, floor: number, numbers: object) =>
  console.log(
    JSON.stringify({
      ...{
        bench: 'cache',
        what,
        ratio: Number(ratio.toFixed(2)),
        floor: Number(floor.toFixed(2)),
        pass: ratio >= floor,
      },
      ...numbers,
    }),
  );
const ns = (time: number) => Math.round(time);
print('a hit without waiting, bare LRU map : ours', best.bare / best.peek, FLOORS.bare, {
  ...{ bareNs: ns(best.bare), oursNs: ns(best.peek) },
});
print('an awaited hit, cache-manager : ours', best.manager / best.getOrLoad, FLOORS.manager, {
  ...{ managerNs: ns(best.manager), oursNs: ns(best.getOrLoad) },
});
