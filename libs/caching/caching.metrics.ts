import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const REQUESTS = 'cache_requests_total';
export const EVICTIONS = 'cache_evictions_total';
export const BYTES = 'cache_bytes';
export const MAX_BYTES = 'cache_max_bytes';
export const ITEMS = 'cache_items';

export const cachingMetrics = [
  makeCounterProvider({
    name: REQUESTS,
    help: 'Cache lookups by tier and outcome: hit, miss (loaded), shared (joined a running load), stale (source failed), error',
    labelNames: ['tier', 'outcome'],
  }),
  makeCounterProvider({ name: EVICTIONS, help: 'Items dropped to keep the bounds, by tier', labelNames: ['tier'] }),
  makeGaugeProvider({ name: BYTES, help: 'Estimated bytes held, by tier', labelNames: ['tier'] }),
  makeGaugeProvider({ name: MAX_BYTES, help: 'Bound of the bytes held, by tier', labelNames: ['tier'] }),
  makeGaugeProvider({ name: ITEMS, help: 'Items held, by tier', labelNames: ['tier'] }),
];
