import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const CACHE_REQUESTS = 'cache_requests_total';
export const CACHE_EVICTIONS = 'cache_evictions_total';
export const CACHE_BYTES = 'cache_bytes';
export const CACHE_MAX_BYTES = 'cache_max_bytes';
export const CACHE_ITEMS = 'cache_items';
export const CACHE_STORED_BYTES = 'cache_stored_bytes_total';
export const CACHE_WAIT_SECONDS = 'cache_wait_seconds';

const labelNames = ['cache', 'tier'];

export const cachingMetrics = [
  makeCounterProvider({
    name: CACHE_REQUESTS,
    help: 'Cache lookups by outcome. Tier memory: hit, miss (loaded), promoted (from Redis), shared (joined a running load), stale (the source failed), error. Tier redis: hit, waited (hit after the load of another process), miss, refused (older than a known change), error (no answer in time), stored',
    labelNames: [...labelNames, 'outcome'],
  }),
  makeCounterProvider({ name: CACHE_EVICTIONS, help: 'Cache entries evicted to stay within the limits', labelNames }),
  makeCounterProvider({ name: CACHE_STORED_BYTES, help: 'Bytes that this process stored in a tier', labelNames }),
  makeGaugeProvider({ name: CACHE_BYTES, help: 'Estimated bytes in a cache', labelNames }),
  makeGaugeProvider({ name: CACHE_MAX_BYTES, help: 'Maximum bytes in a cache', labelNames }),
  makeGaugeProvider({ name: CACHE_ITEMS, help: 'Entries in a cache', labelNames }),
  makeHistogramProvider({
    name: CACHE_WAIT_SECONDS,
    help: 'Time that a load waited for a tier, in seconds: Redis, or the source (the database)',
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5],
    labelNames,
  }),
];
