import { configSlice, env, integer, type SliceValue } from '#config';

/** Requests one client may make in a window, by class of route. */
export const throttlingConfig = configSlice('throttling', {
  windowMs: env(
    'THROTTLING_WINDOW_MS',
    integer(60_000, 1_000, 86_400_000),
    'The sliding window all request limits are counted in, ms',
  ),
  loginLimit: env(
    'THROTTLING_LOGIN_LIMIT',
    integer(60, 1, 1_000_000_000),
    'Sign-ins and refreshes one address may try in a window',
  ),
  readLimit: env(
    'THROTTLING_READ_LIMIT',
    integer(60_000, 1, 1_000_000_000),
    'Reads one principal (or address) may make in a window',
  ),
  writeLimit: env(
    'THROTTLING_WRITE_LIMIT',
    integer(30_000, 1, 1_000_000_000),
    'Writes one principal (or address) may make in a window',
  ),
  bulkLimit: env(
    'THROTTLING_BULK_LIMIT',
    integer(3_000, 1, 1_000_000_000),
    'Bulk writes (imports, snapshots, quotes) one principal may make in a window',
  ),
  maxTracked: env(
    'THROTTLING_MAX_TRACKED',
    integer(1_000_000, 1_024, 16_000_000),
    'Clients counted at once in each class; beyond it the least busy are forgotten. About 40 bytes each',
  ),
});
export type ThrottlingConfig = SliceValue<typeof throttlingConfig>;
