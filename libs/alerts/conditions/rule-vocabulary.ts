import { type ConditionOperator, conditionOperators } from './condition-schema.js';
import { COMMON_FIELDS, EventFields, type EventField } from './event-fields.js';

/** A version of a declared type of event. */
type DeclaredType = Parameters<typeof EventFields.of>[0][number];

/** What rules can name. */
export interface RuleVocabulary {
  /** Fields that every event has. */
  commonFields: readonly string[];
  operators: ConditionOperator[];
  /** By type of event, in the order given. */
  fields: { type: string; fields: readonly EventField[] }[];
}

/** The fields of these types of events, and the operators that test them. */
export function ruleVocabulary(declared: readonly DeclaredType[]): RuleVocabulary {
  return {
    commonFields: COMMON_FIELDS,
    operators: conditionOperators(),
    fields: EventFields.of(declared).map(({ type, all }) => ({ type, fields: all })),
  };
}
