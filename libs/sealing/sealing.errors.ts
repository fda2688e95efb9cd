import { DomainError } from '#errors';

/** Says nothing of the content and never which check failed: a stranger with write access learns nothing from it. */
export function cannotOpen(kid?: string): DomainError {
  return new DomainError(
    'SEALING_CANNOT_OPEN',
    'A sealed value could not be opened: it was altered, moved, or its key is gone.',
    {
      kind: 'internal',
      extra: kid === undefined ? {} : { kid },
    },
  );
}

export function keyRefused(): DomainError {
  return new DomainError(
    'SEALING_KEY_REFUSED',
    'An encryption key must be 32 bytes, written as 64 hexadecimal or 44 base64 characters.',
    {
      kind: 'internal',
    },
  );
}
