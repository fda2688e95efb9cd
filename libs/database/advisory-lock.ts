import type { QueryRunner } from 'typeorm';
import { postgresError } from './postgres-error.js';

/** Advisory locks of Deskwire: a class of its own, so that they never collide with other programs, and a number per purpose. */
export const LOCK_CLASS = 0x6465_736b; // "desk"

export const AdvisoryKey = { schema: 1, partitions: 2 } as const;

/** A lock of a migration was not acquired in time, because its holder still works. */
export class LockTimeoutError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LockTimeoutError';
  }
}

/**
 * Runs `work` while this connection holds the lock. It is a session lock: a killed holder loses its connection, and
 * PostgreSQL gives the lock to the next waiter.
 * @throws LockTimeoutError
 */
export async function withAdvisoryLock<T>(
  runner: QueryRunner,
  key: number,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  // Without it the backend of a killed holder keeps the lock until its current statement ends.
  await runner.query('SET client_connection_check_interval = 500');
  await runner.query(`SET lock_timeout = ${timeoutMs}`);
  try {
    await runner.query('SELECT pg_advisory_lock($1, $2)', [LOCK_CLASS, key]);
  } catch (error) {
    if (postgresError(error)?.code === '55P03') {
      throw new LockTimeoutError(`Another process held the migration lock for ${timeoutMs} ms.`);
    }
    throw error;
  }
  try {
    await runner.query('SET lock_timeout = 0');
    return await work();
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1, $2)', [LOCK_CLASS, key]).catch(() => undefined);
  }
}
