import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { DomainError } from '#errors';
import { isConnectionLost, isSerializationFailure, postgresError, toDomainError } from './postgres-error.js';

function said(code: string, fields: Partial<pg.DatabaseError> = {}): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('as PostgreSQL said', 0, 'error'), { severity: 'ERROR', code, ...fields });
}
const socket = (code: string) => Object.assign(new Error(`connect ${code} 127.0.0.1:5432`), { code });

describe('the translation of PostgreSQL errors', () => {
  it.each([
    ['23505', 'DATABASE_DUPLICATE', 'conflict', undefined],
    ['23503', 'DATABASE_REFERENCE', 'conflict', undefined],
    ['25006', 'DATABASE_READ_ONLY', 'unavailable', 30_000],
    ['40001', 'DATABASE_SERIALIZATION_FAILED', 'conflict', 100],
    ['40P01', 'DATABASE_SERIALIZATION_FAILED', 'conflict', 100],
    ['55P03', 'DATABASE_LOCKED', 'unavailable', 500],
    ['57014', 'DATABASE_TIMEOUT', 'unavailable', 1_000],
    ['53100', 'DATABASE_DISK_FULL', 'unavailable', 30_000],
    ['53200', 'DATABASE_OUT_OF_MEMORY', 'unavailable', 10_000],
    ['53300', 'DATABASE_TOO_MANY_CONNECTIONS', 'unavailable', 5_000],
    ['53400', 'DATABASE_LIMIT_EXCEEDED', 'unavailable', 30_000],
    ['57P01', 'DATABASE_UNAVAILABLE', 'unavailable', 1_000],
    ['57P03', 'DATABASE_UNAVAILABLE', 'unavailable', 1_000],
    ['08006', 'DATABASE_UNAVAILABLE', 'unavailable', 1_000],
    ['25P03', 'DATABASE_UNAVAILABLE', 'unavailable', 1_000],
  ])('turns SQLSTATE %s into %s', (code, ours, kind, retryAfterMs) => {
    const cause = said(code);
    for (const error of [cause, new QueryFailedError('SELECT', [], cause)]) {
      const translated = toDomainError(error);
      expect(translated).toMatchObject({ code: ours, details: { kind, ...(retryAfterMs ? { retryAfterMs } : {}) } });
      expect(translated!.cause).toBe(error);
    }
  });

  it('the translation of PostgreSQL errors names the violated constraint and no value', () => {
    const error = toDomainError(
      said('23505', { constraint: 'uq_users_email', detail: 'Key (email)=(a@b.example) already exists.' }),
    )!;
    expect(error.message).toContain('uq_users_email');
    expect(error.message).not.toContain('a@b.example');
  });

  it.each(['42601', '42P01', '22P02', 'P0001'])('leaves %s, a mistake of ours, to be a 500', (code) =>
    expect(toDomainError(said(code))).toBeUndefined(),
  );

  it.each([
    socket('ECONNREFUSED'),
    socket('ECONNRESET'),
    socket('EPIPE'),
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
  ])('the translation of PostgreSQL errors treats %s as a lost connection', (error) => {
    expect(isConnectionLost(error)).toBe(true);
    expect(toDomainError(error)).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  it('the translation of PostgreSQL errors leaves errors unchanged that do not come from PostgreSQL', () => {
    const ours = new DomainError('SESSIONS_GONE', 'gone', { kind: 'not_found' });
    expect(toDomainError(ours)).toBe(ours);
    for (const other of [new Error('x'), new TypeError('57P01'), undefined, null, 'text', { code: '57P01' }]) {
      expect(toDomainError(other)).toBeUndefined();
      expect(postgresError(other)).toBeUndefined();
    }
  });

  it('the translation of PostgreSQL errors retries serialization failures and deadlocks only', () => {
    expect(['40001', '40P01', '23505', '57014', '55P03'].filter((code) => isSerializationFailure(said(code)))).toEqual([
      '40001',
      '40P01',
    ]);
  });
});
