import { DomainError } from '#errors';

/** A fault of the code, not of the caller: 500, and the message says what to write. */
export function undeclaredType(type: string, version?: number): DomainError {
  const what = version === undefined ? type : `${type} version ${version}`;
  return new DomainError(
    'EVENTS_TYPE_UNDECLARED',
    `No event ${what} is declared; write defineEvent('${type}', ...) in the lib that records it.`,
    {
      kind: 'internal',
    },
  );
}

export function declaredTwice(type: string, version: number): DomainError {
  return new DomainError(
    'EVENTS_TYPE_DECLARED_TWICE',
    `Event ${type} version ${version} is declared twice; a changed payload is a new version.`,
    {
      kind: 'internal',
    },
  );
}

export function badPayload(
  type: string,
  version: number,
  issues: readonly { path: PropertyKey[]; message: string }[],
): DomainError {
  // Paths and rules only: the values may be what must not reach a log.
  const errors = issues.map((issue) => ({
    field: issue.path.map(String).join('.') || 'payload',
    allowed: issue.message,
  }));
  const where = errors.map((error) => `${error.field}: ${error.allowed}`).join('; ');
  return new DomainError(
    'EVENTS_PAYLOAD_INVALID',
    `The payload of ${type} version ${version} does not have its shape (${where}).`,
    {
      kind: 'internal',
      errors,
    },
  );
}

export function idTimeMismatch(id: string, occurredAt: Date): DomainError {
  return new DomainError(
    'EVENTS_ID_TIME_MISMATCH',
    `Event id ${id} begins with another time than ${occurredAt.toISOString()}; make it with uuid8(occurredAt, key).`,
    {
      kind: 'internal',
    },
  );
}

export function othersEvents(): DomainError {
  return new DomainError(
    'EVENTS_NOT_YOURS',
    'Only operators read the events of others; leave `user` out or name yourself.',
    { kind: 'forbidden' },
  );
}
