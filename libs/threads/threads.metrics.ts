import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const THREAD_RUNS = 'threads_runs_total';
export const THREAD_RUN_DURATION = 'threads_run_duration_seconds';
export const THREAD_WAIT_DURATION = 'threads_wait_duration_seconds';
export const THREAD_WAITING = 'threads_waiting_runs';

const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 60];

/** `task` is the name of a declaration in the code, so the labels are bounded. */
export const threadsMetrics = [
  makeCounterProvider({
    name: THREAD_RUNS,
    help: 'Runs of a task in a worker thread, by result: done, failed, timed_out, out_of_memory, crashed, aborted, refused',
    labelNames: ['task', 'result'],
  }),
  makeHistogramProvider({
    name: THREAD_RUN_DURATION,
    help: 'Duration of the runs of a task in a worker thread, in seconds',
    labelNames: ['task'],
    buckets,
  }),
  makeHistogramProvider({
    name: THREAD_WAIT_DURATION,
    help: 'Time that runs of a task waited for a worker thread, in seconds',
    labelNames: ['task'],
    buckets,
  }),
  makeGaugeProvider({
    name: THREAD_WAITING,
    help: 'Runs of a task that wait for a worker thread',
    labelNames: ['task'],
  }),
];
