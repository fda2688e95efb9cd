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

type Kind = (failure: PostgresFailure, cause: unknown) => DomainError;

/** An error of the server's environment: the same statement succeeds when an operator has acted. */
const environment =
  (code: Parameters<typeof databaseError>[0], retryAfterMs: number): Kind =>
  (failure, cause) =>
    databaseError(code, `${messageOf(failure)}. Nothing was changed. Try again later.`, { retryAfterMs, cause });

/** The SQLSTATEs that have a meaning of their own. https://www.postgresql.org/docs/18/errcodes-appendix.html */
const KINDS: Readonly<Record<string, Kind>> = {
  '23503': ({ constraint = 'foreign key' }, cause) =>
    databaseError(
      'DATABASE_REFERENCE',
      `It refers to something that does not exist, or is referred to (${constraint}).`,
      { cause },
    ),
  '23505': ({ constraint = 'unique' }, cause) =>
    databaseError('DATABASE_DUPLICATE', `It exists already (${constraint}).`, { cause }),
  '25006': (_, cause) => databaseReadOnly(cause),
  '40001': (_, cause) => serializationFailed(cause),
  '40P01': (_, cause) => serializationFailed(cause),
  '53100': environment('DATABASE_DISK_FULL', 30_000),
  '53200': environment('DATABASE_OUT_OF_MEMORY', 10_000),
  '53300': environment('DATABASE_TOO_MANY_CONNECTIONS', 5_000),
  '53400': environment('DATABASE_LIMIT_EXCEEDED', 30_000),
  '55P03': (_, cause) =>
    databaseError('DATABASE_LOCKED', 'Another writer holds the rows; nothing was changed. Try again.', {
      retryAfterMs: 500,
      cause,
    }),
  '57014': (_, cause) =>
    databaseError('DATABASE_TIMEOUT', 'The statement exceeded its time limit; nothing was changed.', {
      retryAfterMs: 1_000,
      cause,
    }),
};

const MESSAGES: Readonly<Record<string, string>> = {
  '53100': 'The disk of PostgreSQL is full',
  '53200': 'PostgreSQL is out of memory',
  '53300': 'PostgreSQL has its maximum of connections',
  '53400': 'The statement exceeded a limit of the configuration of PostgreSQL',
};

/** Not the server's own message: it may name files, roles and databases. */
const messageOf = ({ code }: PostgresFailure): string => MESSAGES[code]!;

/**
 * Returns the DomainError of a database failure that no lib has mapped itself, or undefined for any other error.
 */
export function toDomainError(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  const failure = postgresError(error);
  if (!failure) {
    if ((error as Error | undefined)?.message === 'timeout exceeded when trying to connect')
      return poolExhausted('database', 5_000, error);
    return isConnectionLost(error) ? databaseUnavailable(error) : undefined;
  }
  const kind = KINDS[failure.code];
  if (kind !== undefined) return kind(failure, error);
  return isConnectionLost(error) ? databaseUnavailable(error) : undefined;
}
