import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { SchemaExtension } from '#database';

/**
 * Prepares a pool for graphile-worker. It would end a pool of its own without waiting and without an error listener, and a
 * connection lost at that moment ended the process. The runner itself notices a connection that is lost earlier.
 */
export function jobsPool(pool: pg.Pool): pg.Pool {
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Pause before a statement that completes a job is repeated, and the number of attempts: one minute in total. */
const REPEAT_MS = 500;
const ATTEMPTS = 120;

type Release = (options: unknown, withPgClient: unknown, ...more: unknown[]) => Promise<void>;
const repeated = new WeakSet<Release>();

/**
 * Repeats the statements that complete a job or record its failure while their connection is lost. graphile-worker 0.17
 * does not await them, so that their error would be an unhandled rejection, which ends the process.
 * @param onGivenUp called with the error when the pool has ended or a minute has passed: the job runs again later
 */
export function repeatReleases(onGivenUp: (error: unknown) => void): void {
  const require = createRequire(import.meta.url);
  for (const [file, name] of [
    ['completeJobs', 'batchCompleteJobs'],
    ['failJobs', 'batchFailJobs'],
  ] as const) {
    const statements = require(`graphile-worker/dist/sql/${file}.js`) as Record<string, Release>;
    const release = statements[name]!;
    if (repeated.has(release)) continue;
    const lasting: Release = async (...args) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await release(...args);
        } catch (error) {
          if (attempt === ATTEMPTS || /Cannot use a pool after calling end/.test(String(error)))
            return onGivenUp(error);
          await delay(REPEAT_MS);
        }
      }
    };
    repeated.add(lasting);
    statements[name] = lasting;
  }
}

/** graphile-worker's own schema: it migrates itself, under the lock that our migrations hold. */
export const jobsSchema: SchemaExtension = {
  name: 'graphile_worker',
  async install(connection) {
    const { runMigrations } = await import('graphile-worker');
    const pool = jobsPool(new pg.Pool({ ...connection, max: 2, application_name: 'deskwire-init' }));
    try {
      await runMigrations({ pgPool: pool });
    } finally {
      await pool.end();
    }
  },
  removal: ['DROP SCHEMA IF EXISTS graphile_worker CASCADE'],
};
