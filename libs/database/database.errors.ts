import { DomainError } from '#errors';

export const databaseStarting = () =>
  new DomainError('DATABASE_STARTING', 'The database is not ready yet; see /health/startup.', {
    kind: 'unavailable',
    retryAfterMs: 1_000,
  });

export const poolExhausted = (pool: string, waitedMs: number, cause?: unknown) =>
  new DomainError(
    'DATABASE_POOL_EXHAUSTED',
    `No connection of the ${pool} pool became free within ${waitedMs} ms; try again.`,
    {
      kind: 'unavailable',
      retryAfterMs: 1_000,
      cause,
    },
  );

export const databaseUnavailable = (cause?: unknown) =>
  new DomainError('DATABASE_UNAVAILABLE', 'PostgreSQL does not answer; nothing was changed. Try again.', {
    kind: 'unavailable',
    retryAfterMs: 1_000,
    cause,
  });

export const databaseReadOnly = (cause?: unknown) =>
  new DomainError(
    'DATABASE_READ_ONLY',
    'The desk is in read-only mode (DB_READONLY); nothing was changed. Try again later.',
    {
      kind: 'unavailable',
      retryAfterMs: 30_000,
      cause,
    },
  );

export const serializationFailed = (cause?: unknown) =>
  new DomainError(
    'DATABASE_SERIALIZATION_FAILED',
    'Another writer kept changing the same rows; nothing was changed. Try again.',
    {
      kind: 'conflict',
      retryAfterMs: 100,
      cause,
    },
  );

/** A second connection in one request: with a pool of N, N such requests at once wait for each other for ever. */
export const secondConnection = (pool: string) =>
  new DomainError(
    'DATABASE_SECOND_CONNECTION',
    `A second connection (${pool} pool) was asked for while this request holds one. Await the first query, or do both in one @Atomic()/@ReadSnapshot().`,
    { kind: 'internal' },
  );

export const transactionMismatch = (asked: string, open: string) =>
  new DomainError(
    'DATABASE_TRANSACTION_MISMATCH',
    `${asked} was asked for inside an open ${open}. An open transaction cannot change its isolation: open ${asked} outside, or drop the inner decorator.`,
    { kind: 'internal' },
  );
