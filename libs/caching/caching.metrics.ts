import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const REQUESTS = 'cache_requests_total';
export const EVICTIONS = 'cache_evictions_total';
export const BYTES = 'cache_bytes';
export const MAX_BYTES = 'cache_max_bytes';
export const ITEMS = 'cache_items';

const labelNames = ['cache', 'tier'];

export const cachingMetrics = [
  makeCounterProvider({
    name: REQUESTS,
    help: 'Cache lookups by outcome: hit, miss (loaded), shared (joined a running load), stale (the source failed), error',
    labelNames: [...labelNames, 'outcome'],
  }),
  makeCounterProvider({ name: EVICTIONS, help: 'Cache entries dropped to keep the bounds', labelNames }),
  makeGaugeProvider({ name: BYTES, help: 'Estimated bytes in a cache', labelNames }),
  makeGaugeProvider({ name: MAX_BYTES, help: 'Maximum bytes in a cache', labelNames }),
  makeGaugeProvider({ name: ITEMS, help: 'Entries in a cache', labelNames }),
];
