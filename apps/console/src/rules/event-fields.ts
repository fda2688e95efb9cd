import { KNOWN_OPERATORS } from './condition-test-shapes.js';
import { childrenOf, type ConditionNode, type TestNode } from './condition-tree.js';

/** What the builder offers while one types. */
export interface KnownNames {
  fields: readonly string[];
  eventTypes: readonly string[];
  operators: readonly string[];
}

interface KnownEvents {
  eventTypes: readonly { type: string; fields: readonly { path: string }[] }[];
  commonFields: readonly string[];
}

/** The names to offer for a condition; before the catalogue is read, only the operators that the console knows. */
export function namesFor(
  condition: ConditionNode,
  catalogue: (KnownEvents & { operators: readonly { op: string }[] }) | undefined,
): KnownNames {
  if (catalogue === undefined) return { fields: [], eventTypes: [], operators: KNOWN_OPERATORS };
  return {
    fields: fieldsFor(condition, catalogue),
    eventTypes: catalogue.eventTypes.map(({ type }) => type),
    operators: catalogue.operators.map(({ op }) => op),
  };
}

/** The fields to offer for a condition: those of the event types that it names, or of all types if it names none. */
export function fieldsFor(condition: ConditionNode, { eventTypes, commonFields }: KnownEvents): string[] {
  const named = new Set(typesIn(condition));
  const meant = eventTypes.filter(({ type }) => named.size === 0 || named.has(type.toLowerCase()));
  return [...new Set([...commonFields, ...meant.flatMap(({ fields }) => fields.map(({ path }) => path)).sort()])];
}

function typesIn(node: ConditionNode): string[] {
  const test = node as TestNode;
  if (test.op !== undefined && test.field === 'type')
    return [test['value'] ?? test['values'] ?? []].flat().map((name) => String(name).toLowerCase());
  return childrenOf(node).flatMap(typesIn);
}
