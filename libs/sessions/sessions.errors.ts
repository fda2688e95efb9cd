import { DomainError } from '#errors';

export function sessionNotFound(id: string): DomainError {
  return new DomainError('SESSIONS_NOT_FOUND', `You have no session ${id}.`, { kind: 'not_found' });
}

export function othersSessions(): DomainError {
  return new DomainError(
    'SESSIONS_NOT_YOURS',
    'Only operators can read the sessions of other users. Leave out `user`, or set it to your own id.',
    { kind: 'forbidden' },
  );
}

export function noActiveSession(broker: string, account: string): DomainError {
  return new DomainError(
    'SESSIONS_NOT_ACTIVE',
    `There is no active session at ${broker} for account ${account}. Sign in to the broker again and save the session.`,
    {
      kind: 'conflict',
    },
  );
}

export function noEncryptionKey(): Error {
  return new Error(
    'SESSIONS_ENCRYPTION_KEY is not set. Set it to 32 bytes in hexadecimal or base64 (openssl rand -base64 32).',
  );
}
