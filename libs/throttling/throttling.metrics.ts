import { declareMetrics } from '#metrics';

export const REFUSALS = 'throttling_refusals_total';
export const TRACKED = 'throttling_tracked_clients';
export const AT_ONCE = 'throttling_concurrent_requests';
export const MEMORY = 'throttling_memory_bytes';
export const SHARED = 'throttling_limits_shared';

export const throttlingMetrics = declareMetrics('throttling', {
  [REFUSALS]: {
    type: 'counter',
    help: 'Requests answered 429, by class of route',
    labels: { class: 'the classes of routes' },
  },
  [TRACKED]: {
    type: 'gauge',
    help: 'Clients counted in the current window, by class of route',
    labels: { class: 'the classes of routes' },
  },
  [AT_ONCE]: {
    type: 'gauge',
    help: 'Requests that take turns, by class (write, bulk, costly, scrape) and state (running, waiting)',
    labels: { class: ['write', 'bulk', 'costly', 'scrape'], state: ['running', 'waiting'] },
  },
  [MEMORY]: { type: 'gauge', help: 'Memory of the request counters in bytes' },
  [SHARED]: {
    type: 'gauge',
    help: 'Whether limits are counted over all processes: 1, or 0 while this process counts alone. No series without REDIS_URL',
    labels: { store: ['redis'] },
  },
});
