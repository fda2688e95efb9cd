import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { pageOf, pageQuery } from '#http';
import { BY_ID, wireFlag, wireList, wireOrder, wireText } from '#text';
import { roleSchema, rolesSchema } from '../auth.dto.js';
import { emailAddress } from '../credentials/email.js';
import { newPassword } from '../credentials/password.js';
import type { User } from '../user.js';

export const addUserSchema = z.strictObject({
  email: emailAddress,
  displayName: wireText(100).optional(),
  roles: rolesSchema,
  password: newPassword.optional().meta({ description: 'Default: a one-time password is generated and returned' }),
});
export type AddUserBody = z.output<typeof addUserSchema>;

export const changeUserSchema = z.strictObject({
  displayName: wireText(100).optional(),
  roles: rolesSchema.optional(),
  disabled: z.boolean({ error: 'true or false' }).optional(),
});
export type ChangeUserBody = z.output<typeof changeUserSchema>;

export const userIdSchema = z.uuid({ error: 'the id of a user' });
export const userOrder = wireOrder({ createdAt: BY_ID, email: wireText(320, 0) }, 'createdAt');
export const usersQuerySchema = z
  .strictObject({
    query: wireText(100).optional().describe('Part of the e-mail address or the name'),
    role: wireList(roleSchema).optional().describe('Users with one of these roles'),
    disabled: wireFlag,
    sort: userOrder.sort,
    ...pageQuery(userOrder.key(z.uuid())),
  })
  .refine(...userOrder.sameOrder);
export type UsersQuery = z.output<typeof usersQuerySchema>;

export const userSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  displayName: z.string(),
  roles: z.array(roleSchema),
  isDemo: z.boolean(),
  disabledAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type UserView = z.output<typeof userSchema>;

export const resetPasswordSchema = z.strictObject({
  password: newPassword.optional().meta({ description: 'Default: a one-time password is generated and returned' }),
});
export type ResetPasswordBody = z.output<typeof resetPasswordSchema>;

export const addedUserSchema = userSchema.extend({ oneTimePassword: z.string().optional() });
export const usersPageSchema = pageOf(userSchema);

export function userView(user: User): UserView {
  return {
    ...user,
    disabledAt: user.disabledAt?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
  };
}

publishSchemas({
  PasswordReset: resetPasswordSchema,
  AddedUser: addedUserSchema,
  NewUser: addUserSchema,
  User: userSchema,
  UserChange: changeUserSchema,
  UserPage: usersPageSchema,
});
