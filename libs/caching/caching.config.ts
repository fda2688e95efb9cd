import { configSlice, env, integer, type SliceValue } from '#config';

/** Bounds of what is remembered in memory. */
export const cachingConfig = configSlice('caching', {
  maxItems: env(
    'CACHING_MAX_ITEMS',
    integer(10_000, 1, 10_000_000),
    'Items kept in memory at most; the least recently used goes first',
  ),
  maxBytes: env(
    'CACHING_MAX_BYTES',
    integer(67_108_864, 65_536, 17_179_869_184),
    'Bytes kept in memory at most, as estimated',
  ),
  maxTtlMs: env(
    'CACHING_MAX_TTL_MS',
    integer(60_000, 1, 86_400_000),
    'An item counts as fresh in memory at most this long, ms',
  ),
  graceMs: env(
    'CACHING_GRACE_MS',
    integer(300_000, 0, 86_400_000),
    'After its time an item is kept this long, for answers marked stale while its source fails, ms',
  ),
  retryMs: env(
    'CACHING_RETRY_MS',
    integer(1_000, 0, 60_000),
    'A source that failed is asked again at most this often while a stale answer stands in, ms',
  ),
});
export type CachingConfig = SliceValue<typeof cachingConfig>;
