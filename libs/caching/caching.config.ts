import { configSlice, type SliceValue } from '#config';

export const cachingConfig = configSlice(
  'caching',
  {},
  {
    /** Maximum number of cached items. The least recently used item is evicted first. */
    maxItems: 10_000,
    /** Maximum size of the cached items, in bytes, as estimated. */
    maxBytes: 67_108_864,
    /** Maximum time that an item counts as fresh, in ms. */
    maxTtlMs: 60_000,
    /** How long an expired item is kept for stale answers while its source fails, in ms. */
    graceMs: 300_000,
    /** Minimum time between two calls of a failing source while a stale answer exists, in ms. */
    retryMs: 1_000,
    /** A process that has not read the change feed for this long loads values again, in ms: it may not know of a change. */
    feedSilentMs: 2_000,
    /** Maximum time that one load waits for answers of Redis, in ms. Then it continues without Redis. */
    sharedBudgetMs: 50,
    /** Maximum wait for the load of the same key by another process, in ms. Then the process loads it too. */
    sharedWaitMs: 300,
    /** How long a process may load a key for all processes, in ms. Then its value is its own, and another may load. */
    sharedLockMs: 5_000,
    /** Maximum size of a value in Redis, sealed, in bytes. A larger one stays in its process. */
    sharedMaxBytes: 262_144,
  },
);
export type CachingConfig = SliceValue<typeof cachingConfig>;
