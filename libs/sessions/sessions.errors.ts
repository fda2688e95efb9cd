import { DomainError } from '#errors';

export function sessionNotFound(id: string): DomainError {
  return new DomainError('SESSIONS_NOT_FOUND', `There is no session ${id} of yours.`, { kind: 'not_found' });
}

export function othersSessions(): DomainError {
  return new DomainError(
    'SESSIONS_NOT_YOURS',
    'Only operators see the sessions of others; leave `user` out or name yourself.',
    { kind: 'forbidden' },
  );
}

export function noActiveSession(broker: string, account: string): DomainError {
  return new DomainError(
    'SESSIONS_NOT_ACTIVE',
    `There is no active session at ${broker} for account ${account}; log in to the broker again.`,
    {
      kind: 'conflict',
    },
  );
}

export function noEncryptionKey(): Error {
  return new Error(
    'SESSIONS_ENCRYPTION_KEY is unset: set 32 bytes in hexadecimal or base64 (openssl rand -base64 32).',
  );
}
