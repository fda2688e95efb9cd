import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const jobsMetrics = [
  makeCounterProvider({
    name: 'jobs_run_total',
    help: 'Jobs that this process ran, by outcome: done, failed',
    labelNames: ['task', 'outcome'],
  }),
  makeHistogramProvider({
    name: 'jobs_run_duration_seconds',
    help: 'Duration of jobs',
    labelNames: ['task'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300],
  }),
  makeGaugeProvider({ name: 'jobs_waiting', help: 'Jobs that are due and not running, at the last check' }),
];
