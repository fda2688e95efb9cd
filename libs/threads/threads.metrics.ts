import { declareMetrics } from '#metrics';

export const THREAD_RUNS = 'threads_runs_total';
export const THREAD_RUN_DURATION = 'threads_run_duration_seconds';
export const THREAD_WAIT_DURATION = 'threads_wait_duration_seconds';
export const THREAD_WAITING = 'threads_waiting_runs';

const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 60];

/** `task` is the name of a declaration in the code, so the labels are bounded. */
export const threadsMetrics = declareMetrics('threads', {
  [THREAD_RUNS]: {
    type: 'counter',
    help: 'Runs of a task in a worker thread, by result: done, failed, timed_out, out_of_memory, crashed, aborted, refused',
    labels: {
      task: 'the tasks that the code declares',
      result: ['done', 'failed', 'timed_out', 'out_of_memory', 'crashed', 'aborted', 'refused'],
    },
  },
  [THREAD_RUN_DURATION]: {
    type: 'histogram',
    help: 'Duration of the runs of a task in a worker thread, in seconds',
    labels: { task: 'the tasks that the code declares' },
    buckets,
  },
  [THREAD_WAIT_DURATION]: {
    type: 'histogram',
    help: 'Time that runs of a task waited for a worker thread, in seconds',
    labels: { task: 'the tasks that the code declares' },
    buckets,
  },
  [THREAD_WAITING]: {
    type: 'gauge',
    help: 'Runs of a task that wait for a worker thread',
    labels: { task: 'the tasks that the code declares' },
  },
});
