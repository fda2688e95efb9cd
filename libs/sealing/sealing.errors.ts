import { DomainError } from '#errors';

/** Never says which check failed, so somebody with write access to the table learns nothing from it. */
export function cannotOpen(kid?: string): DomainError {
  return new DomainError(
    'SEALING_CANNOT_OPEN',
    'A sealed value could not be opened: it was altered or moved, or its key is missing. Check that every key used before is configured.',
    {
      kind: 'internal',
      extra: kid === undefined ? {} : { kid },
    },
  );
}

export function keyRefused(): DomainError {
  return new DomainError(
    'SEALING_KEY_REFUSED',
    'An encryption key must be 32 bytes, written as 64 hexadecimal or 44 base64 characters. Create one with: openssl rand -base64 32',
    {
      kind: 'internal',
    },
  );
}
