import { z } from 'zod';
import { configSlice, env, type SliceValue } from '#config';

export const DESK_ROLES = ['all', 'web', 'worker'] as const;

export const backgroundConfig = configSlice('background', {
  role: env(
    'DESKWIRE_ROLE',
    z.enum(DESK_ROLES, { error: `one of ${DESK_ROLES.join(', ')}` }).default('all'),
    'What this process does: web answers requests, worker runs background work, all does both',
  ),
});

export type BackgroundConfig = SliceValue<typeof backgroundConfig>;
