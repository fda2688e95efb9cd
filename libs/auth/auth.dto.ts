import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { emailAddress } from './credentials/email.js';
import { newPassword, triedPassword } from './credentials/password.js';
import { ROLES } from './role.js';

export const roleSchema = z.enum(ROLES, { error: `one of ${ROLES.join(', ')}` });

export const rolesSchema = z
  .array(roleSchema, { error: `a list of ${ROLES.join(', ')}` })
  .min(1, { error: 'at least one role' })
  .max(ROLES.length, { error: 'each role once' });

export const loginSchema = z.strictObject({ email: emailAddress, password: triedPassword });
export type Login = z.output<typeof loginSchema>;

export const refreshSchema = z.strictObject({
  refreshToken: z
    .string({ error: 'the refreshToken of the last login or refresh' })
    .max(200, { error: 'at most 200 characters' }),
});
export type Refresh = z.output<typeof refreshSchema>;

export const passwordChangeSchema = z.strictObject({
  currentPassword: triedPassword,
  newPassword,
  endApiKeys: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Also revoke every API key of the user. Choose true if another person may know the password'),
});
export type PasswordChange = z.output<typeof passwordChangeSchema>;

export const tokenPairSchema = z.object({
  accessToken: z.string(),
  refreshToken: z
    .string()
    .meta({ description: 'Replaced by its successor at each refresh; unchanged while the desk is read-only' }),
  expiresIn: z.int().meta({ description: 'Lifetime of the access token, in seconds' }),
  tokenType: z.literal('Bearer'),
});

export const meSchema = z.object({
  userId: z.uuid(),
  email: z.string(),
  displayName: z.string(),
  roles: z.array(roleSchema),
  loginId: z.uuid(),
  expiresAt: z.iso.datetime(),
});
export type Me = z.output<typeof meSchema>;

publishSchemas({
  Me: meSchema,
  PasswordChange: passwordChangeSchema,
  Role: roleSchema,
  SignIn: loginSchema,
  TokenPair: tokenPairSchema,
  TokenRefresh: refreshSchema,
});
