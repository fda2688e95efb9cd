import { declareMetrics } from '#metrics';

export const dashboardMetrics = declareMetrics('dashboard', {
  dashboard_cut_duration_seconds: {
    type: 'histogram',
    help: 'Time to read changes and load the changed panels',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  dashboard_cuts_total: {
    type: 'counter',
    help: 'Computations of cuts by result: full, changed, unchanged, failed',
    labels: { outcome: ['full', 'changed', 'unchanged', 'failed'] },
  },
  dashboard_drift_total: {
    type: 'counter',
    help: 'Rechecks in which a kept panel differed from a reloaded one (must stay 0)',
  },
  dashboard_delta_bytes_total: { type: 'counter', help: 'Bytes of deltas sent to sockets' },
  dashboard_responses_total: {
    type: 'counter',
    help: 'Dashboards served over REST',
    labels: { source: ['database', 'cache', 'stale'] },
  },
  dashboard_watchers: { type: 'gauge', help: 'Subscribed sockets' },
});
