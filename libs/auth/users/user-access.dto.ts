import { z } from 'zod';
import type { ActiveLogin } from '../logins/logins.repository.js';

export const loginIdSchema = z.uuid({ error: 'the id of a login' });

export const activeLoginSchema = z.object({
  id: z.uuid(),
  createdAt: z.iso.datetime().describe('Time of the sign-in'),
  lastUsedAt: z.iso.datetime().describe('Time of the last refresh'),
  expiresAt: z.iso.datetime(),
  userAgent: z.string().nullable(),
  address: z.string().nullable().describe('Address of the client that signed in'),
});
export type ActiveLoginView = z.output<typeof activeLoginSchema>;

export const activeLoginsSchema = z.object({ items: z.array(activeLoginSchema) });

export function activeLoginView(login: ActiveLogin): ActiveLoginView {
  return {
    ...login,
    createdAt: login.createdAt.toISOString(),
    lastUsedAt: login.lastUsedAt.toISOString(),
    expiresAt: login.expiresAt.toISOString(),
  };
}
