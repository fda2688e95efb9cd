import pg from 'pg';
import type { SchemaExtension } from '#database';

/**
 * Prepares a pool for graphile-worker. It would end a pool of its own without waiting and without an error listener, and a
 * connection lost at that moment ended the process. The runner itself notices a connection that is lost earlier.
 * If the connection that listens is lost during a stop, the runner gives it back twice: the second time does nothing here,
 * where pg's pool throws, which nobody would catch.
 */
export function jobsPool(pool: pg.Pool): pg.Pool {
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const connect = pool.connect.bind(pool);
  pool.connect = ((listen?: Connected) =>
    listen
      ? connect((error, client, release) => listen(error, client, release && onceOnly(release)))
      : connect()) as typeof pool.connect;
  return pool;
}

type Release = (destroy?: Error | boolean) => void;
type Connected = (error: Error | undefined, client?: pg.PoolClient, release?: Release) => void;

function onceOnly(release: Release): Release {
  let released = false;
  return (destroy) => {
    if (released) return;
    released = true;
    release(destroy);
  };
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
