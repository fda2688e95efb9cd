import { configSlice, env, integer, type SliceValue } from '#config';

export const dashboardConfig = configSlice('dashboard', {
  tickMs: env(
    'DASHBOARD_TICK_MS',
    integer(100, 20, 60_000),
    'Least time between two cuts of a node, ms (100 = at most 10 a second)',
  ),
  pollMs: env('DASHBOARD_POLL_MS', integer(1_000, 50, 60_000), 'While somebody watches, look at least this often, ms'),
  freshMs: env('DASHBOARD_FRESH_MS', integer(250, 0, 60_000), 'A cut verified this recently is served as it is, ms'),
  maxAgeMs: env(
    'DASHBOARD_MAX_AGE_MS',
    integer(1_000, 0, 600_000),
    'Up to this age a cut is served while a new one is made; beyond, one waits for the new one, ms',
  ),
  waitMs: env(
    'DASHBOARD_WAIT_MS',
    integer(2_000, 100, 60_000),
    'Longest wait for a new cut before the last one is served as stale, ms',
  ),
  recheckMs: env(
    'DASHBOARD_RECHECK_MS',
    integer(60_000, 1_000, 86_400_000),
    'Every so often all panels are loaded anew and compared with what was kept, ms',
  ),
  heartbeatMs: env(
    'DASHBOARD_HEARTBEAT_MS',
    integer(5_000, 100, 600_000),
    'A watcher hears at least this often that its cut still holds, ms',
  ),
});
export type DashboardConfig = SliceValue<typeof dashboardConfig>;
