import { z } from 'zod';
import { publishSchemas } from '#schemas';
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

const ownLoginSchema = activeLoginSchema.extend({ current: z.boolean().describe('The login of this request') });
export const ownLoginsSchema = z.object({ items: z.array(ownLoginSchema) });
export type OwnLogins = z.output<typeof ownLoginsSchema>;

export const endedLoginsSchema = z.object({ ended: z.int().describe('Number of logins that ended') });
export type EndedLogins = z.output<typeof endedLoginsSchema>;

export const activeLoginsSchema = z.object({ items: z.array(activeLoginSchema) });

export function activeLoginView(login: ActiveLogin): ActiveLoginView {
  return {
    ...login,
    createdAt: login.createdAt.toISOString(),
    lastUsedAt: login.lastUsedAt.toISOString(),
    expiresAt: login.expiresAt.toISOString(),
  };
}

publishSchemas({
  EndedLogins: endedLoginsSchema,
  OwnLogin: ownLoginSchema,
  OwnLoginList: ownLoginsSchema,
  ActiveLogin: activeLoginSchema,
  ActiveLoginList: activeLoginsSchema,
});
