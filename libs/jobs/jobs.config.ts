import { z } from 'zod';
import { configSlice, env, integer, type SliceValue } from '#config';

export const DESK_ROLES = ['all', 'web', 'worker'] as const;

export const jobsConfig = configSlice('jobs', {
  role: env(
    'DESKWIRE_ROLE',
    z.enum(DESK_ROLES, { error: `one of ${DESK_ROLES.join(', ')}` }).default('all'),
    'What this process does: web answers requests, worker works in the background, all does both',
  ),
  concurrency: env('JOBS_CONCURRENCY', integer(4, 1, 100), 'Jobs that one process runs at once'),
  pollMs: env('JOBS_POLL_MS', integer(2_000, 50, 60_000), 'How often jobs are looked for when no NOTIFY comes, ms'),
});

export type JobsConfig = SliceValue<typeof jobsConfig>;
