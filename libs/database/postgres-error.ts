import { DomainError } from '#errors';
import {
  databaseError,
  databaseReadOnly,
  databaseUnavailable,
  poolExhausted,
  serializationFailed,
} from './database.errors.js';

/** An error of PostgreSQL: its SQLSTATE and, for a violation, the constraint and its table. */
export interface PostgresFailure {
  code: string;
  constraint?: string;
  table?: string;
  detail?: string;
}

/** Returns the PostgreSQL error inside an error of pg or of TypeORM, if there is one. */
export function postgresError(error: unknown): PostgresFailure | undefined {
  const inner = (error as { driverError?: unknown } | undefined)?.driverError ?? error;
  const code = (inner as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (inner as object)
    ? (inner as PostgresFailure)
    : undefined;
}

const RETRYABLE = new Set(['40001', '40P01']);

/** Whether the error is a serialization failure or a deadlock, after which the whole transaction can be repeated. */
export function isSerializationFailure(error: unknown): boolean {
  return RETRYABLE.has(postgresError(error)?.code ?? '');
}

/** Errors of Node's sockets and of pg that mean a lost connection, by frequency. */
const CONNECTION_LOST =
  /ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|Connection terminated|connection timeout|Client has encountered a connection error|not queryable/;

/** Whether the connection is lost and must not return to the pool. */
export function isConnectionLost(error: unknown): boolean {
  const code = postgresError(error)?.code;
  if (code) return code.startsWith('08') || code.startsWith('57P') || code === '25P03';
  const { code: systemCode = '', message = '' } = (error ?? {}) as { code?: string; message?: string };
  return CONNECTION_LOST.test(`${systemCode} ${message}`) || message === 'Query read timeout';
}

/**
 * Returns the DomainError of a database failure that no lib has mapped itself, or undefined for any other error.
 * SQLSTATEs: https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
export function toDomainError(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  const failure = postgresError(error);
  if (!failure) {
    if ((error as Error | undefined)?.message === 'timeout exceeded when trying to connect')
      return poolExhausted('database', 5_000, error);
    return isConnectionLost(error) ? databaseUnavailable(error) : undefined;
  }
  switch (failure.code) {
    case '23505':
      return databaseError('DATABASE_DUPLICATE', `It exists already (${failure.constraint ?? 'unique'}).`, {
        cause: error,
      });
    case '23503':
      return databaseError(
        'DATABASE_REFERENCE',
        `It refers to something that does not exist, or is referred to (${failure.constraint ?? 'foreign key'}).`,
        { cause: error },
      );
    case '25006':
      return databaseReadOnly(error);
    case '40001':
    case '40P01':
      return serializationFailed(error);
    case '55P03':
      return databaseError('DATABASE_LOCKED', 'Another writer holds the rows; nothing was changed. Try again.', {
        retryAfterMs: 500,
        cause: error,
      });
    case '57014':
      return databaseError('DATABASE_TIMEOUT', 'The statement exceeded its time limit; nothing was changed.', {
        retryAfterMs: 1_000,
        cause: error,
      });
    case '53300':
      return poolExhausted('database', 0, error);
    default:
      return isConnectionLost(error) ? databaseUnavailable(error) : undefined;
  }
}
