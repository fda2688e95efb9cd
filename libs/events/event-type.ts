import type { z } from 'zod';
import { badPayload, declaredTwice, undeclaredType } from './events.errors.js';

/** A kind of event: its name, the version of its payload's shape, and that shape. */
export interface EventType<P = unknown> {
  readonly type: string;
  readonly version: number;
  readonly payload: z.ZodType<P>;
}

const NAME = /^[A-Z][A-Za-z0-9]{2,63}$/;
const declared = new Map<string, EventType>();

/**
 * Declares a type of event, once, where its lib is loaded. A changed shape is a new version; the old one stays
 * declared as long as rows of it are in the table.
 * @param type past tense in PascalCase: `SessionTokenChanged`
 */
export function defineEvent<P>(type: string, version: number, payload: z.ZodType<P>): EventType<P> {
  if (!NAME.test(type)) throw new RangeError(`${type} is no name of an event: past tense in PascalCase, 3 to 64 letters`);
  const key = keyOf(type, version);
  if (declared.has(key)) throw declaredTwice(type, version);
  const eventType = Object.freeze({ type, version, payload });
  declared.set(key, eventType);
  return eventType;
}

/**
 * The payload as its type's shape gives it.
 * @param version the newest declared one when left out
 * @throws DomainError EVENTS_TYPE_UNDECLARED, EVENTS_PAYLOAD_INVALID
 */
export function checkedPayload(type: string, payload: unknown, version?: number): { version: number; payload: unknown } {
  const eventType = version === undefined ? newest(type) : declared.get(keyOf(type, version));
  if (eventType === undefined) throw undeclaredType(type, version);
  const result = eventType.payload.safeParse(payload);
  if (!result.success) throw badPayload(type, eventType.version, result.error.issues);
  return { version: eventType.version, payload: result.data };
}

/** Every declared type, by name and version. */
export function declaredEvents(): EventType[] {
  return [...declared.values()].sort((a, b) => a.type.localeCompare(b.type) || a.version - b.version);
}

function newest(type: string): EventType | undefined {
  return declaredEvents().findLast((eventType) => eventType.type === type);
}

function keyOf(type: string, version: number): string {
  return `${type}@${version}`;
}
