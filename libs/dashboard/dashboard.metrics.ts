import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const dashboardMetrics = [
  makeHistogramProvider({
    name: 'dashboard_cut_duration_seconds',
    help: 'Time to look for changes and load what they concern',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  }),
  makeCounterProvider({
    name: 'dashboard_cuts_total',
    help: 'Computations by what came of them: full, changed, unchanged, failed',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'dashboard_drift_total',
    help: 'Rechecks that found a kept panel to differ from one loaded anew (must stay 0)',
  }),
  makeCounterProvider({ name: 'dashboard_delta_bytes_total', help: 'Bytes of deltas sent to sockets' }),
  makeCounterProvider({
    name: 'dashboard_responses_total',
    help: 'Dashboards served over REST',
    labelNames: ['source'],
  }),
  makeGaugeProvider({ name: 'dashboard_watchers', help: 'Sockets subscribed' }),
];
