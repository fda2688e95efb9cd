import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const RUNS = 'background_runs_total';
export const RUN_DURATION = 'background_run_duration_seconds';
export const LAST_SUCCESS = 'background_last_success_timestamp_seconds';
export const REMOVED = 'background_rows_removed_total';

/** `task` is the name of a declaration in the code, so the labels are bounded. */
export const backgroundMetrics = [
  makeCounterProvider({
    name: RUNS,
    help: 'Runs of background tasks in this process, by result: done, failed',
    labelNames: ['task', 'result'],
  }),
  makeHistogramProvider({
    name: RUN_DURATION,
    help: 'Duration of the runs of background tasks, in seconds',
    labelNames: ['task'],
    buckets: [0.005, 0.05, 0.5, 5, 60],
  }),
  makeGaugeProvider({
    name: LAST_SUCCESS,
    help: 'Unix time of the last successful run of a background task in this process',
    labelNames: ['task'],
  }),
  makeCounterProvider({
    name: REMOVED,
    help: 'Rows that retention removed in this process, by table',
    labelNames: ['table'],
  }),
];
