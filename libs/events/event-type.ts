import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { badPayload, declaredTwice, undeclaredType } from './events.errors.js';

/** A type of event: its name, and the version and shape of its payload. */
export interface EventType<P = unknown> {
  readonly type: string;
  readonly version: number;
  readonly payload: z.ZodType<P>;
  /** Severity of an operator event. Undefined for other events. */
  readonly operator?: Severity;
  /** Only its user and operators see it; without a user, only operators. */
  readonly confidential?: true;
}

/** Severity of an event. `critical` ignores quiet hours. */
type Severity = 'info' | 'warning' | 'critical';

export type EventTypeOptions =
  /** The event concerns operators. Rules of other users do not see it. #alerts has a built-in rule for each such type. */
  | { operator: true; severity: Severity }
  /** Rules of users see it only if it is theirs. There is no built-in rule. */
  | { confidential: true };

const NAME = /^[A-Z][A-Za-z0-9]{2,63}$/;
const declared = new Map<string, EventType>();
/** The newest version by name, read for each recorded event. */
const newest = new Map<string, EventType>();

/**
 * Declares a type of event, once, when its lib is loaded. A changed shape is a new version. The old version stays declared while
 * the table has rows of it. The payload is published under the name of its first type, unless it has a name.
 * @param type past tense in PascalCase: `SessionTokenChanged`
 * @param options for events that not everybody may see
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
  const given = options && ('operator' in options ? { operator: options.severity } : options);
  if (z.globalRegistry.get(payload)?.id === undefined)
    publishSchemas({ [`${type}Payload${version === 1 ? '' : `V${version}`}`]: payload });
  const eventType = Object.freeze({ type, version, payload, ...given });
  declared.set(key, eventType);
  if ((newest.get(type)?.version ?? 0) < version) newest.set(type, eventType);
  return eventType;
}

/**
 * Returns the payload as parsed by the shape of its type.
 * @param version default: the newest declared one
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

/** All declared types, by name and version. */
export function declaredEvents(): EventType[] {
  return [...declared.values()].sort((a, b) => a.type.localeCompare(b.type) || a.version - b.version);
}

/** Names of the declared types, without repetition. */
export function declaredTypes(): string[] {
  return [...newest.keys()].sort();
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
