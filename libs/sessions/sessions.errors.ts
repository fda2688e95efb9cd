import { defineErrors } from '#errors';

const sessionsError = defineErrors({
  SESSIONS_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The broker session does not exist, or is not yours.',
    fix: 'List your sessions with `GET /v1/sessions`.',
  },
  SESSIONS_NOT_YOURS: {
    kind: 'forbidden',
    meaning: 'Only operators read the broker sessions of other users.',
    fix: 'Omit `user`, or set it to your own id.',
  },
  SESSIONS_TOO_MANY: {
    kind: 'conflict',
    meaning: 'You have the maximum number of active broker sessions.',
    fix: 'Close one with `DELETE /v1/sessions/{id}` first.',
  },
  SESSIONS_NOT_ACTIVE: {
    kind: 'conflict',
    meaning: 'The account has no active broker session.',
    fix: 'Sign in to the broker again and save the session.',
  },
});

export const sessionNotFound = (id: string) => sessionsError('SESSIONS_NOT_FOUND', `You have no session ${id}.`);

export const othersSessions = () =>
  sessionsError(
    'SESSIONS_NOT_YOURS',
    'Only operators can read the sessions of other users. Omit `user`, or set it to your own id.',
  );

export const tooManySessions = (max: number) =>
  sessionsError('SESSIONS_TOO_MANY', `You have ${max} active broker sessions, the maximum. Close one first.`);

export const noActiveSession = (broker: string, account: string) =>
  sessionsError(
    'SESSIONS_NOT_ACTIVE',
    `There is no active session at ${broker} for account ${account}. Sign in to the broker again and save the session.`,
  );

export function noEncryptionKey(): Error {
  return new Error(
    'SESSIONS_ENCRYPTION_KEY is not set. Set it to 32 bytes in hexadecimal or base64 (openssl rand -base64 32).',
  );
}
