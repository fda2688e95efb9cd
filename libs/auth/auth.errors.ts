import { DomainError } from '#errors';
import { invalidRequest } from '#http';
import type { Role } from './role.js';

/** The one answer to every token that is not good. Why it was not goes to the log, never to the caller. */
export function unauthenticated(): DomainError {
  return new DomainError(
    'AUTH_UNAUTHENTICATED',
    'This needs a valid access token. Sign in, or refresh the token you have.',
    {
      kind: 'unauthenticated',
    },
  );
}

/** A refresh token was used again after the grace; also the answer to every other refresh token of that login. */
export function refreshTokenReused(): DomainError {
  return new DomainError(
    'AUTH_REFRESH_REUSED',
    'A refresh token of this login was used twice, so somebody else may hold a copy. Sign in again.',
    { kind: 'unauthenticated' },
  );
}

/** The one answer to unknown e-mail, wrong password and disabled user alike. */
export function credentialsRefused(): DomainError {
  return new DomainError('AUTH_CREDENTIALS_REFUSED', 'E-mail or password is wrong, or the user is disabled.', {
    kind: 'unauthenticated',
  });
}

export function tooManyAttempts(retryAfterMs: number): DomainError {
  return new DomainError('AUTH_TOO_MANY_ATTEMPTS', 'Too many failed sign-ins. Wait, then try again.', {
    kind: 'rate_limited',
    retryAfterMs,
  });
}

export function hashQueueFull(retryAfterMs: number): DomainError {
  return new DomainError('AUTH_BUSY', 'Too many sign-ins at this moment. Try again in a second.', {
    kind: 'unavailable',
    retryAfterMs,
  });
}

export function roleRequired(role: Role): DomainError {
  return new DomainError('AUTH_ROLE_REQUIRED', `This needs the role ${role} or one above it.`, { kind: 'forbidden' });
}

export function roleNotHeld(role: Role): DomainError {
  return new DomainError('AUTH_ROLE_NOT_HELD', `A key cannot be given the role ${role}: its owner does not reach it.`, {
    kind: 'forbidden',
  });
}

export function signInRequired(): DomainError {
  return new DomainError('AUTH_SIGN_IN_REQUIRED', 'A machine key cannot do this. Sign in as a person.', {
    kind: 'forbidden',
  });
}

export function emailTaken(email: string): DomainError {
  return new DomainError(
    'AUTH_EMAIL_TAKEN',
    `There is a user ${email} already. Change that one, or take another e-mail.`,
    {
      kind: 'conflict',
    },
  );
}

export function userNotFound(who: string): DomainError {
  return new DomainError('AUTH_USER_NOT_FOUND', `There is no user ${who}. List them to see who there is.`, {
    kind: 'not_found',
  });
}

export function apiKeyNotFound(id: string): DomainError {
  return new DomainError('AUTH_API_KEY_NOT_FOUND', `You have no machine key ${id} that is still in use.`, {
    kind: 'not_found',
  });
}

export function tooManyApiKeys(limit: number): DomainError {
  return new DomainError('AUTH_TOO_MANY_API_KEYS', `You have ${limit} machine keys in use. Revoke one first.`, {
    kind: 'conflict',
  });
}

export function lastAdmin(): DomainError {
  return new DomainError('AUTH_LAST_ADMIN', 'This is the last admin who can sign in. Make another one first.', {
    kind: 'conflict',
  });
}

/** @param field e.g. `password` or `users[0].password` */
export function fieldRefused(field: string, allowed: string): DomainError {
  return invalidRequest([{ field, allowed }]);
}
