import type { SchemaExtension } from '#database';

/** graphile-worker's own schema: it migrates itself, under the lock that our migrations hold. */
export const jobsSchema: SchemaExtension = {
  name: 'graphile_worker',
  async install(url) {
    const { runMigrations } = await import('graphile-worker');
    await runMigrations({ connectionString: url, maxPoolSize: 2 });
  },
  removal: ['DROP SCHEMA IF EXISTS graphile_worker CASCADE'],
};
