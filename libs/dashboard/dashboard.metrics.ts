import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const dashboardMetrics = [
  makeHistogramProvider({
    name: 'dashboard_cut_duration_seconds',
    help: 'Time to read changes and load the changed panels',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  }),
  makeCounterProvider({
    name: 'dashboard_cuts_total',
    help: 'Computations of cuts by result: full, changed, unchanged, failed',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'dashboard_drift_total',
    help: 'Rechecks in which a kept panel differed from a reloaded one (must stay 0)',
  }),
  makeCounterProvider({ name: 'dashboard_delta_bytes_total', help: 'Bytes of deltas sent to sockets' }),
  makeCounterProvider({
    name: 'dashboard_responses_total',
    help: 'Dashboards served over REST',
    labelNames: ['source'],
  }),
  makeGaugeProvider({ name: 'dashboard_watchers', help: 'Subscribed sockets' }),
];
