import { configSlice, type SliceValue } from '#config';

export const jobsConfig = configSlice(
  'jobs',
  {},
  {
    /** Maximum number of jobs that one process runs at once. */
    concurrency: 4,
    /** Poll interval for jobs when no NOTIFY arrives, in ms. */
    pollMs: 2_000,
  },
);

export type JobsConfig = SliceValue<typeof jobsConfig>;
