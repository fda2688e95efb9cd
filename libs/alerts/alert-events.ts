import { z } from 'zod';
import { declaredEvents, defineEvent } from '#events';

/** A rule exceeded its time limit repeatedly. Also its owner's event, when it has one. */
export const AlertRuleSwitchedOff = defineEvent(
  'AlertRuleSwitchedOff',
  1,
  z.strictObject({ ruleId: z.uuid(), ruleName: z.string(), reason: z.string(), events: z.int() }),
  { operator: true, severity: 'warning' },
);

/** No message can be made of an alert, or none for one of its endpoints. The alert itself is kept. */
export const AlertUnformattable = defineEvent(
  'AlertUnformattable',
  1,
  z.strictObject({
    alertId: z.uuid(),
    ruleId: z.uuid(),
    ruleName: z.string(),
    eventId: z.uuid(),
    eventType: z.string(),
    why: z.string(),
    /** Left out when no message can be made for any endpoint. */
    endpointId: z.uuid().optional(),
    format: z.string().optional(),
  }),
  { operator: true, severity: 'warning' },
);

/** Types of events that the rules of a user see only if the event is that user's. */
export function restrictedTypes(): ReadonlySet<string> {
  const restricted = declaredEvents().filter(({ operator, confidential }) => operator !== undefined || confidential);
  return new Set(restricted.map(({ type }) => type));
}
