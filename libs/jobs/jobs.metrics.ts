import { declareMetrics } from '#metrics';

export const jobsMetrics = declareMetrics('jobs', {
  jobs_run_total: {
    type: 'counter',
    help: 'Jobs that this process ran, by outcome: done, failed',
    labels: { task: 'the jobs that the code declares', outcome: ['done', 'failed'] },
  },
  jobs_run_duration_seconds: {
    type: 'histogram',
    help: 'Duration of jobs',
    labels: { task: 'the jobs that the code declares' },
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300],
  },
  jobs_waiting: { type: 'gauge', help: 'Jobs that are due and not running, at the last check' },
});
