import { declareMetrics } from '#metrics';

export const CACHE_REQUESTS = 'cache_requests_total';
export const CACHE_EVICTIONS = 'cache_evictions_total';
export const CACHE_BYTES = 'cache_bytes';
export const CACHE_MAX_BYTES = 'cache_max_bytes';
export const CACHE_ITEMS = 'cache_items';
export const CACHE_STORED_BYTES = 'cache_stored_bytes_total';
export const CACHE_WAIT_SECONDS = 'cache_wait_seconds';

const cache = 'the caches that the code declares';

export const cachingMetrics = declareMetrics('caching', {
  [CACHE_REQUESTS]: {
    type: 'counter',
    help: 'Cache lookups by outcome. Tier memory: hit, miss (loaded), promoted (from Redis), shared (joined a running load), stale (the source failed), error. Tier redis: hit, waited (hit after the load of another process), miss, refused (older than a known change), error (no answer in time), stored',
    labels: {
      cache,
      tier: ['memory', 'redis'],
      outcome: ['hit', 'miss', 'promoted', 'shared', 'stale', 'error', 'waited', 'refused', 'stored'],
    },
  },
  [CACHE_EVICTIONS]: {
    type: 'counter',
    help: 'Cache entries evicted to stay within the limits',
    labels: { cache, tier: ['memory'] },
  },
  [CACHE_STORED_BYTES]: {
    type: 'counter',
    help: 'Bytes that this process stored in a tier',
    labels: { cache, tier: ['redis'] },
  },
  [CACHE_BYTES]: { type: 'gauge', help: 'Estimated bytes in a cache', labels: { cache, tier: ['memory'] } },
  [CACHE_MAX_BYTES]: { type: 'gauge', help: 'Maximum bytes in a cache', labels: { cache, tier: ['memory'] } },
  [CACHE_ITEMS]: { type: 'gauge', help: 'Entries in a cache', labels: { cache, tier: ['memory'] } },
  [CACHE_WAIT_SECONDS]: {
    type: 'histogram',
    help: 'Time that a load waited for a tier, in seconds: Redis, or the source (the database)',
    labels: { cache, tier: ['redis', 'source'] },
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5],
  },
});
