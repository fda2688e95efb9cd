import { defineErrors } from '#errors';

export const databaseError = defineErrors({
  DATABASE_STARTING: {
    kind: 'unavailable',
    meaning: 'The process has not finished its start.',
    fix: 'Retry after the time in `Retry-After`; `/health/startup` shows the progress.',
  },
  DATABASE_POOL_EXHAUSTED: {
    kind: 'unavailable',
    meaning: 'No database connection became free in time.',
    fix: 'Retry after the time in `Retry-After`.',
  },
  DATABASE_UNAVAILABLE: {
    kind: 'unavailable',
    meaning: 'PostgreSQL does not answer. Nothing was changed, unless only the answer to the commit was lost.',
    fix: 'Retry after the time in `Retry-After`, with the same `Idempotency-Key`. Then the request has one effect in either case.',
  },
  DATABASE_READ_ONLY: {
    kind: 'unavailable',
    meaning: 'The desk is in read-only mode (`DB_READONLY`), or PostgreSQL accepts no writes. Nothing was changed.',
    fix: 'Retry after the time in `Retry-After`, with the same `Idempotency-Key`.',
  },
  DATABASE_SERIALIZATION_FAILED: {
    kind: 'conflict',
    meaning: 'Other writers kept changing the same rows. Nothing was changed.',
    fix: 'Retry.',
  },
  DATABASE_LOCKED: {
    kind: 'unavailable',
    meaning: 'Another writer holds the rows. Nothing was changed.',
    fix: 'Retry after the time in `Retry-After`.',
  },
  DATABASE_TIMEOUT: {
    kind: 'unavailable',
    meaning: 'The statement exceeded its time limit and was cancelled. Nothing was changed.',
    fix: 'Request less data at once, or retry after the time in `Retry-After`.',
  },
  DATABASE_DISK_FULL: {
    kind: 'unavailable',
    meaning: 'The disk of PostgreSQL is full (SQLSTATE 53100). Nothing was changed.',
    fix: 'Free disk space of the database server. Retry after the time in `Retry-After`.',
  },
  DATABASE_OUT_OF_MEMORY: {
    kind: 'unavailable',
    meaning: 'PostgreSQL is out of memory (SQLSTATE 53200). Nothing was changed.',
    fix: 'Request less data at once, or give the database server more memory. Retry after the time in `Retry-After`.',
  },
  DATABASE_TOO_MANY_CONNECTIONS: {
    kind: 'unavailable',
    meaning: 'PostgreSQL has its maximum number of connections (SQLSTATE 53300). Nothing was changed.',
    fix: 'Raise `max_connections` or lower `DATABASE_POOL_MAX`. Retry after the time in `Retry-After`.',
  },
  DATABASE_LIMIT_EXCEEDED: {
    kind: 'unavailable',
    meaning:
      'The statement exceeded a limit of the configuration of PostgreSQL, such as `temp_file_limit` (SQLSTATE 53400).',
    fix: 'Request less data at once, or raise the limit. Retry after the time in `Retry-After`.',
  },
  DATABASE_DUPLICATE: {
    kind: 'conflict',
    meaning: 'The record exists already.',
    fix: 'Change the existing record, or choose another name.',
  },
  DATABASE_REFERENCE: {
    kind: 'conflict',
    meaning: 'The record refers to one that does not exist, or others refer to it.',
    fix: 'Check the ids in the request.',
  },
  DATABASE_SECOND_CONNECTION: {
    kind: 'internal',
    meaning: 'The code requested a second connection within one request.',
    fix: 'Report the correlation id.',
  },
  DATABASE_TRANSACTION_MISMATCH: {
    kind: 'internal',
    meaning: 'The code opened a transaction of another isolation level inside an open one.',
    fix: 'Report the correlation id.',
  },
});

export const databaseStarting = () =>
  databaseError('DATABASE_STARTING', 'The database is not ready yet; see /health/startup.', { retryAfterMs: 1_000 });

export const poolExhausted = (pool: string, waitedMs: number, cause?: unknown) =>
  databaseError(
    'DATABASE_POOL_EXHAUSTED',
    `No connection of the ${pool} pool became free within ${waitedMs} ms. Try again.`,
    { retryAfterMs: 1_000, cause },
  );

export const databaseUnavailable = (cause?: unknown) =>
  databaseError('DATABASE_UNAVAILABLE', 'PostgreSQL does not answer. Try again with the same Idempotency-Key.', {
    retryAfterMs: 1_000,
    cause,
  });

export const databaseReadOnly = (cause?: unknown) =>
  databaseError(
    'DATABASE_READ_ONLY',
    'The desk accepts no writes now (DB_READONLY, or a read-only PostgreSQL); nothing was changed. Try again later.',
    { retryAfterMs: 30_000, cause },
  );

export const serializationFailed = (cause?: unknown) =>
  databaseError(
    'DATABASE_SERIALIZATION_FAILED',
    'Other writers kept changing the same rows; nothing was changed. Try again.',
    { retryAfterMs: 100, cause },
  );

/** A request needs a second connection. With a pool of N, N such requests wait for each other and never end. */
export const secondConnection = (pool: string) =>
  databaseError(
    'DATABASE_SECOND_CONNECTION',
    `A second connection (${pool}pool) was requested while this request holds one. Await the first query, or do both in one @Atomic()/@ReadSnapshot().`,
  );

export const transactionMismatch = (asked: string, open: string) =>
  databaseError(
    'DATABASE_TRANSACTION_MISMATCH',
    `${asked} was requested inside an open ${open}. An open transaction cannot change its isolation: open ${asked} outside, or drop the inner decorator.`,
  );
