import { configSlice, type SliceValue } from '#config';

export const threadsConfig = configSlice(
  'threads',
  {},
  {
    /** Maximum number of threads per task, and at least one core is left to the event loop. */
    maxThreads: 4,
    /** Maximum number of runs of one task that wait for a thread. */
    maxWaiting: 1_000,
    /** The same per caller key, so one caller cannot take every place. */
    maxWaitingPerKey: 100,
    /** Maximum time that a shutdown waits for runs before it terminates their threads, in ms. */
    drainMs: 2_000,
  },
);

export type ThreadsConfig = SliceValue<typeof threadsConfig>;
