import { configSlice, env, integer, type SliceValue } from '#config';

export const jobsConfig = configSlice('jobs', {
  concurrency: env('JOBS_CONCURRENCY', integer(4, 1, 100), 'Jobs that one process runs at once'),
  pollMs: env('JOBS_POLL_MS', integer(2_000, 50, 60_000), 'How often jobs are looked for when no NOTIFY comes, ms'),
});

export type JobsConfig = SliceValue<typeof jobsConfig>;
