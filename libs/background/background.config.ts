import { z } from 'zod';
import { configSlice, env, type SliceValue } from '#config';

export const DESK_ROLES = ['all', 'web', 'worker'] as const;

export const backgroundConfig = configSlice('background', {
  role: env(
    'DESKWIRE_ROLE',
    z.enum(DESK_ROLES, { error: `one of ${DESK_ROLES.join(', ')}` }).default('all'),
    'Role of this process: web (requests and sockets), worker (background work) or all',
  ),
});

export type BackgroundConfig = SliceValue<typeof backgroundConfig>;
