import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const REFUSALS = 'throttling_refusals_total';
export const TRACKED = 'throttling_tracked_clients';
export const AT_ONCE = 'throttling_concurrent_requests';
export const MEMORY = 'throttling_memory_bytes';
export const SHARED = 'throttling_limits_shared';

export const throttlingMetrics = [
  makeCounterProvider({ name: REFUSALS, help: 'Requests answered 429, by class of route', labelNames: ['class'] }),
  makeGaugeProvider({
    name: TRACKED,
    help: 'Clients counted in the current window, by class of route',
    labelNames: ['class'],
  }),
  makeGaugeProvider({
    name: AT_ONCE,
    help: 'Requests that take turns, by class (write, bulk, costly, scrape) and state (running, waiting)',
    labelNames: ['class', 'state'],
  }),
  makeGaugeProvider({ name: MEMORY, help: 'Memory of the request counters in bytes' }),
  makeGaugeProvider({
    name: SHARED,
    help: 'Whether limits are counted over all processes: 1, or 0 while this process counts alone. No series without REDIS_URL',
    labelNames: ['store'],
  }),
];
