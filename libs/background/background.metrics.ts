import { declareMetrics } from '#metrics';

export const RUNS = 'background_runs_total';
export const RUN_SECONDS = 'background_run_seconds_total';
export const RUN_DURATION = 'background_run_duration_seconds';
export const LAST_SUCCESS = 'background_last_success_timestamp_seconds';
export const REMOVED = 'background_rows_removed_total';

/** `task` is the name of a declaration in the code, so the labels are bounded. */
export const backgroundMetrics = declareMetrics('background', {
  [RUNS]: {
    type: 'counter',
    help: 'Runs of background tasks in this process, by result: done, failed',
    labels: { task: 'the tasks that the code declares', result: ['done', 'failed'] },
  },
  [RUN_SECONDS]: {
    type: 'counter',
    help: 'Time spent on the runs of a background task. Divided by background_runs_total it is the mean duration',
    labels: { task: 'the tasks that the code declares' },
  },
  [RUN_DURATION]: {
    type: 'histogram',
    help: 'Duration of the runs of background tasks, over all tasks',
    buckets: [0.005, 0.05, 0.5, 5, 60],
  },
  [LAST_SUCCESS]: {
    type: 'gauge',
    help: 'Unix time of the last successful run of a background task in this process',
    labels: { task: 'the tasks that the code declares' },
  },
  [REMOVED]: {
    type: 'counter',
    help: 'Rows that retention removed in this process, by table',
    labels: { table: 'the tables with a retention' },
  },
});
