import { DomainError } from '#errors';
import { Cache } from './cache.js';
import type { CacheOutcome } from './cache-content.js';
import type { CacheSettings } from './cache-settings.js';

const CONFIG = {
  ...{ maxItems: 100, maxBytes: 1_000_000, maxTtlMs: 60_000, graceMs: 10_000, retryMs: 1_000 },
  ...{ feedSilentMs: 2_000, sharedBudgetMs: 50, sharedWaitMs: 300, sharedLockMs: 5_000, sharedMaxBytes: 262_144 },
};

/** A cache with a clock that the test moves, and its reported events. */
export function openCache<V>(config: Partial<typeof CONFIG> = {}, settings: CacheSettings<V> = {}) {
  let now = 1_000_000;
  const outcomes: CacheOutcome[] = [];
  const seen = { evictions: 0, bytes: 0, items: 0 };
  const observer = {
    requested: (outcome: CacheOutcome) => void outcomes.push(outcome),
    evicted: () => void seen.evictions++,
    changed: (bytes: number, items: number) => void Object.assign(seen, { bytes, items }),
    loaded: () => undefined,
  };
  const cache = new Cache<V>('spec', settings, { ...CONFIG, ...config }, observer, () => now);
  return { cache, outcomes, seen, wait: (ms: number) => (now += ms) };
}

/** A loader that counts its calls and ends when the test ends it. */
export function heldLoader<T>(): {
  load: () => Promise<T>;
  calls: () => number;
  give: (value: T) => void;
  fail: (error: Error) => void;
} {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let calls = 0;
  return { load: () => (calls++, promise), calls: () => calls, give: resolve, fail: reject };
}

export const never = async (): Promise<never> => {
  throw new Error('must not be loaded');
};
export const down = async (): Promise<never> => {
  throw new DomainError('DATABASE_DOWN', 'gone', { kind: 'unavailable' });
};
