import { defineErrors } from '#errors';

const FAULT = 'Report the correlation id.';

const eventsError = defineErrors({
  EVENTS_TYPE_UNDECLARED: {
    kind: 'internal',
    meaning: 'The code recorded an event of an undeclared type.',
    fix: FAULT,
  },
  EVENTS_TYPE_DECLARED_TWICE: { kind: 'internal', meaning: 'The code declares an event type twice.', fix: FAULT },
  EVENTS_PAYLOAD_INVALID: {
    kind: 'internal',
    meaning: 'The code recorded an event with an invalid payload.',
    fix: FAULT,
  },
  EVENTS_ID_TIME_MISMATCH: {
    kind: 'internal',
    meaning: 'The code recorded an event whose id and time differ.',
    fix: FAULT,
  },
  EVENTS_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The event does not exist, or you may not see it. Events of months that ended long ago are removed.',
    fix: 'List the events with `GET /v1/events`.',
  },
  EVENTS_NOT_YOURS: {
    kind: 'forbidden',
    meaning: 'Only operators read the events of other users.',
    fix: 'Omit `userId`, or set it to your own id.',
  },
});

/** A fault of the code, not of the caller: status 500. The message says how to fix it. */
export function undeclaredType(type: string, version?: number) {
  const what = version === undefined ? type : `${type} version ${version}`;
  return eventsError(
    'EVENTS_TYPE_UNDECLARED',
    `No event ${what} is declared. Write defineEvent('${type}', ...) in the lib that records it.`,
  );
}

export const declaredTwice = (type: string, version: number) =>
  eventsError(
    'EVENTS_TYPE_DECLARED_TWICE',
    `Event ${type} version ${version} is declared twice. A changed payload is a new version.`,
  );

export function badPayload(type: string, version: number, issues: readonly { path: PropertyKey[]; message: string }[]) {
  // Contains paths and rules only. Values may be secrets, which must not be logged.
  const errors = issues.map((issue) => ({
    field: issue.path.map(String).join('.') || 'payload',
    allowed: issue.message,
  }));
  const where = errors.map((error) => `${error.field}: ${error.allowed}`).join('; ');
  return eventsError(
    'EVENTS_PAYLOAD_INVALID',
    `The payload of ${type} version ${version} does not match its schema (${where}).`,
    { errors },
  );
}

export const eventNotFound = (id: string) =>
  eventsError('EVENTS_NOT_FOUND', `There is no event ${id} that you may see.`);

export const idTimeMismatch = (id: string, occurredAt: Date) =>
  eventsError(
    'EVENTS_ID_TIME_MISMATCH',
    `Event id ${id} begins with another time than ${occurredAt.toISOString()}. Make it with uuid8(occurredAt, key).`,
  );

export const othersEvents = () =>
  eventsError(
    'EVENTS_NOT_YOURS',
    'Only operators read the events of other users. Omit `userId`, or set it to your own id.',
  );
