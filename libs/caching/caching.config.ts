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
  },
);
export type CachingConfig = SliceValue<typeof cachingConfig>;
