import pg from 'pg';

/**
 * Connections for graphile-worker. Ours, because it ends a pool of its own without waiting for it, and deaf to errors by
 * then: a connection lost at that moment took the process with it. What is lost before, the runner hears of itself.
 */
export function jobsPool(connection: pg.ClientConfig, max: number, application_name: string): pg.Pool {
  const pool = new pg.Pool({ ...connection, max, application_name });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
