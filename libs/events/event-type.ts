import type { z } from 'zod';
import { badPayload, declaredTwice, undeclaredType } from './events.errors.js';

/** A kind of event: its name, the version of its payload's shape, and that shape. */
export interface EventType<P = unknown> {
  readonly type: string;
  readonly version: number;
  readonly payload: z.ZodType<P>;
  /** Set for what the desk's operators are to hear of: how bad it is. */
  readonly operator?: Severity;
}

/** How bad: `critical` wakes people. */
export type Severity = 'info' | 'warning' | 'critical';

export interface EventTypeOptions {
  /** For the desk's operators, and hidden from rules of other users; alerts makes a desk rule of each such type. */
  operator: true;
  severity: Severity;
}

const NAME = /^[A-Z][A-Za-z0-9]{2,63}$/;
const declared = new Map<string, EventType>();
/** By name, the newest version: asked for each event recorded. */
const newest = new Map<string, EventType>();

/**
 * Declares a type of event, once, where its lib is loaded. A changed shape is a new version; the old one stays
 * declared as long as rows of it are in the table.
 * @param type past tense in PascalCase: `SessionTokenChanged`
 * @param options for events that the desk's operators are to hear of
 */
export function defineEvent<P>(
  type: string,
  version: number,
  payload: z.ZodType<P>,
  options?: EventTypeOptions,
): EventType<P> {
  if (!NAME.test(type))
    throw new RangeError(`${type} is no name of an event: past tense in PascalCase, 3 to 64 letters`);
  const key = keyOf(type, version);
  if (declared.has(key)) throw declaredTwice(type, version);
  const eventType = Object.freeze({ type, version, payload, ...(options && { operator: options.severity }) });
  declared.set(key, eventType);
  if ((newest.get(type)?.version ?? 0) < version) newest.set(type, eventType);
  return eventType;
}

/**
 * The payload as its type's shape gives it.
 * @param version the newest declared one when left out
 * @throws DomainError EVENTS_TYPE_UNDECLARED, EVENTS_PAYLOAD_INVALID
 */
export function checkedPayload(
  type: string,
  payload: unknown,
  version?: number,
): { version: number; payload: unknown } {
  const eventType = version === undefined ? newest.get(type) : declared.get(keyOf(type, version));
  if (eventType === undefined) throw undeclaredType(type, version);
  const result = eventType.payload.safeParse(payload);
  if (!result.success) throw badPayload(type, eventType.version, result.error.issues);
  return { version: eventType.version, payload: result.data };
}

/** Every declared type, by name and version. */
export function declaredEvents(): EventType[] {
  return [...declared.values()].sort((a, b) => a.type.localeCompare(b.type) || a.version - b.version);
}

/** The newest version of each type declared with `operator`, by name. */
export function operatorEvents(): (EventType & { operator: Severity })[] {
  return [...newest.values()].filter(
    (eventType): eventType is EventType & { operator: Severity } => eventType.operator !== undefined,
  );
}

function keyOf(type: string, version: number): string {
  return `${type}@${version}`;
}
