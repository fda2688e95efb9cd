import { configSlice, type SliceValue } from '#config';

export const dashboardConfig = configSlice(
  'dashboard',
  {},
  {
    /** Minimum time between two cuts of a process, in ms: at most 10 cuts per second. */
    tickMs: 100,
    /** Poll interval while at least one subscriber watches, in ms. */
    pollMs: 1_000,
    /** A cut verified within this time is served without a new check, in ms. */
    freshMs: 250,
    /** Maximum age of a cut that is served while a new one is computed, in ms. Older: the request waits for the new one. */
    maxAgeMs: 1_000,
    /** Maximum wait for a newer cut when the last one is too old, before it is served as stale, in ms. */
    staleAfterMs: 500,
    /** Maximum wait for a cut that a caller asked to be new, before the last one is served as stale, in ms. */
    waitMs: 2_000,
    /** Interval at which all panels are loaded again and compared with the kept ones, in ms. It costs what the first cut costs. */
    recheckMs: 600_000,
    /** Maximum time without a frame: a subscriber is told at least this often which cut it holds, in ms. */
    heartbeatMs: 5_000,
  },
);
export type DashboardConfig = SliceValue<typeof dashboardConfig>;
