import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const CACHE_REQUESTS = 'cache_requests_total';
export const CACHE_EVICTIONS = 'cache_evictions_total';
export const CACHE_BYTES = 'cache_bytes';
export const CACHE_MAX_BYTES = 'cache_max_bytes';
export const CACHE_ITEMS = 'cache_items';

const labelNames = ['cache', 'tier'];

export const cachingMetrics = [
  makeCounterProvider({
    name: CACHE_REQUESTS,
    help: 'Cache lookups by outcome: hit, miss (loaded), shared (joined a running load), stale (the source failed), error',
    labelNames: [...labelNames, 'outcome'],
  }),
  makeCounterProvider({ name: CACHE_EVICTIONS, help: 'Cache entries evicted to stay within the limits', labelNames }),
  makeGaugeProvider({ name: CACHE_BYTES, help: 'Estimated bytes in a cache', labelNames }),
  makeGaugeProvider({ name: CACHE_MAX_BYTES, help: 'Maximum bytes in a cache', labelNames }),
  makeGaugeProvider({ name: CACHE_ITEMS, help: 'Entries in a cache', labelNames }),
];
