import { defineErrors } from '#errors';
import { invalidRequest } from '#http';
import type { Role } from './role.js';

const authError = defineErrors({
  AUTH_UNAUTHENTICATED: {
    kind: 'unauthenticated',
    meaning: 'The request needs a valid access token. Every invalid token gets this answer; the log has the reason.',
    fix: 'Sign in, or refresh your token.',
  },
  AUTH_REFRESH_REUSED: {
    kind: 'unauthenticated',
    meaning: 'A refresh token of this login was used twice, so another client may hold a copy. The login has ended.',
    fix: 'Sign in again.',
  },
  AUTH_CREDENTIALS_REFUSED: {
    kind: 'unauthenticated',
    meaning: 'The e-mail address or the password is wrong, or the user is disabled.',
    fix: 'Check both, or ask an admin to reset the password.',
  },
  AUTH_CURRENT_PASSWORD_WRONG: {
    kind: 'unprocessable',
    meaning: 'The current password is wrong. The login stays valid.',
    fix: 'Send the password that you signed in with as `currentPassword`.',
  },
  AUTH_TOO_MANY_ATTEMPTS: {
    kind: 'rate_limited',
    meaning: 'Too many sign-ins failed for this account or address.',
    fix: 'Retry after the time in `Retry-After`.',
  },
  AUTH_BUSY: {
    kind: 'unavailable',
    meaning: 'Too many sign-ins are in progress.',
    fix: 'Retry after the time in `Retry-After`.',
  },
  AUTH_ROLE_REQUIRED: {
    kind: 'forbidden',
    meaning: 'The operation needs a higher role.',
    fix: 'Ask an admin for the role that the detail names.',
  },
  AUTH_ROLE_NOT_HELD: {
    kind: 'forbidden',
    meaning: 'An API key cannot have a role that its owner does not have.',
    fix: 'Choose a role that you have.',
  },
  AUTH_SIGN_IN_REQUIRED: {
    kind: 'forbidden',
    meaning: 'The operation is not available to API keys.',
    fix: 'Sign in with e-mail and password.',
  },
  AUTH_EMAIL_TAKEN: {
    kind: 'conflict',
    meaning: 'Another user has this e-mail address.',
    fix: 'Change that user, or choose another address.',
  },
  AUTH_USER_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The user does not exist.',
    fix: 'List the users with `GET /v1/users`.',
  },
  AUTH_API_KEY_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The user has no active API key with this id.',
    fix: 'List your keys with `GET /v1/auth/api-keys`, or as an admin those of a user with `GET /v1/users/{id}/api-keys`.',
  },
  AUTH_LOGIN_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The user has no active login with this id.',
    fix: 'List your logins with `GET /v1/auth/logins`, or as an admin those of a user with `GET /v1/users/{id}/logins`.',
  },
  AUTH_TOO_MANY_API_KEYS: {
    kind: 'conflict',
    meaning: 'You have the maximum number of active API keys.',
    fix: 'Revoke a key first.',
  },
  AUTH_LAST_ADMIN: {
    kind: 'conflict',
    meaning: 'The change would leave no admin who can sign in.',
    fix: 'Make another user an admin first.',
  },
});

/** The one answer to every invalid token. The reason goes to the log, never to the caller. */
export const unauthenticated = () =>
  authError('AUTH_UNAUTHENTICATED', 'This needs a valid access token. Sign in, or refresh your token.');

/** A refresh token was used again after the grace; also the answer to every other refresh token of that login. */
export const refreshTokenReused = () =>
  authError(
    'AUTH_REFRESH_REUSED',
    'A refresh token of this login was used twice, so another client may hold a copy. Sign in again.',
  );

/** The one answer to an unknown e-mail address, a wrong password and a disabled user. */
export const credentialsRefused = () => authError('AUTH_CREDENTIALS_REFUSED');

export const currentPasswordWrong = () =>
  authError('AUTH_CURRENT_PASSWORD_WRONG', undefined, {
    errors: [{ field: 'currentPassword', allowed: 'the current password of the user' }],
  });

export const tooManyAttempts = (retryAfterMs: number) =>
  authError('AUTH_TOO_MANY_ATTEMPTS', 'Too many sign-ins failed. Wait, then try again.', { retryAfterMs });

export const hashQueueFull = (retryAfterMs: number) =>
  authError('AUTH_BUSY', 'Too many sign-ins are in progress. Try again in a second.', { retryAfterMs });

export const roleRequired = (role: Role) =>
  authError('AUTH_ROLE_REQUIRED', `This needs the role ${role} or a higher one.`);

export const roleNotHeld = (role: Role) =>
  authError('AUTH_ROLE_NOT_HELD', `The key cannot have the role ${role}, because its owner does not have it.`);

export const signInRequired = () =>
  authError('AUTH_SIGN_IN_REQUIRED', 'This is not available to API keys. Sign in with e-mail and password.');

export const emailTaken = (email: string) =>
  authError('AUTH_EMAIL_TAKEN', `A user ${email} exists. Change that user, or choose another address.`);

export const userNotFound = (id: string) =>
  authError('AUTH_USER_NOT_FOUND', `There is no user ${id}. List the users to see their ids.`);

export const apiKeyNotFound = (id: string) =>
  authError('AUTH_API_KEY_NOT_FOUND', `There is no active API key ${id} of this user.`);

export const loginNotFound = (id: string) =>
  authError('AUTH_LOGIN_NOT_FOUND', `There is no active login ${id} of this user.`);

export const tooManyApiKeys = (limit: number) =>
  authError('AUTH_TOO_MANY_API_KEYS', `You have ${limit} active API keys, the maximum. Revoke one first.`);

export const lastAdmin = () =>
  authError('AUTH_LAST_ADMIN', 'This is the last admin who can sign in. Make another user an admin first.');

/** @param field e.g. `password` or `users[0].password` */
export const fieldRefused = (field: string, allowed: string) => invalidRequest([{ field, allowed }]);
