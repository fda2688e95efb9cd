import type { SchemaExtension } from '#database';
import { jobsPool } from './jobs-pool.js';

/** graphile-worker's own schema: it migrates itself, under the lock that our migrations hold. */
export const jobsSchema: SchemaExtension = {
  name: 'graphile_worker',
  async install(connection) {
    const { runMigrations } = await import('graphile-worker');
    const pool = jobsPool(connection, 2, 'deskwire-init');
    try {
      await runMigrations({ pgPool: pool });
    } finally {
      await pool.end();
    }
  },
  removal: ['DROP SCHEMA IF EXISTS graphile_worker CASCADE'],
};
