import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const REFUSALS = 'throttling_refusals_total';
export const TRACKED = 'throttling_tracked_clients';
export const COSTLY = 'throttling_costly_requests';
export const MEMORY = 'throttling_memory_bytes';

export const throttlingMetrics = [
  makeCounterProvider({ name: REFUSALS, help: 'Requests answered 429, by class of route', labelNames: ['class'] }),
  makeGaugeProvider({
    name: TRACKED,
    help: 'Clients counted in the current window, by class of route',
    labelNames: ['class'],
  }),
  makeGaugeProvider({ name: COSTLY, help: 'Costly requests by state: running, waiting', labelNames: ['state'] }),
  makeGaugeProvider({ name: MEMORY, help: 'Memory of the request counters in bytes' }),
];
