import type { ConditionNode, TestNode } from './condition-tree.js';

/** How the builder edits a member of a test. `values` is a list with one value a line. */
export type MemberInput = 'text' | 'decimal' | 'values' | 'flag' | 'seconds' | 'field' | 'unit' | 'direction';

export interface TestShape {
  label: string;
  /** Whether the test names a field. `ticker` and `form` find theirs themselves. */
  hasField: boolean;
  members: readonly { name: string; label: string; input: MemberInput; isOptional?: boolean }[];
}

const text: TestShape['members'] = [
  { name: 'value', label: 'Text', input: 'text' },
  { name: 'caseSensitive', label: 'Match case', input: 'flag', isOptional: true },
];
const number: TestShape['members'] = [{ name: 'value', label: 'Number', input: 'decimal' }];

const SHAPES: Readonly<Record<string, TestShape>> = {
  equals: { label: 'is', hasField: true, members: text },
  contains: { label: 'contains', hasField: true, members: text },
  startsWith: { label: 'starts with', hasField: true, members: text },
  matches: {
    label: 'matches pattern',
    hasField: true,
    members: [{ ...text[0]!, label: 'Regular expression' }, text[1]!],
  },
  in: {
    label: 'is one of',
    hasField: true,
    members: [{ name: 'values', label: 'Values, one a line', input: 'values' }, text[1]!],
  },
  eq: { label: '=', hasField: true, members: number },
  gt: { label: '>', hasField: true, members: number },
  gte: { label: '≥', hasField: true, members: number },
  lt: { label: '<', hasField: true, members: number },
  lte: { label: '≤', hasField: true, members: number },
  between: {
    label: 'is between',
    hasField: true,
    members: [
      { name: 'low', label: 'Lowest', input: 'decimal' },
      { name: 'high', label: 'Highest', input: 'decimal' },
    ],
  },
  moved: {
    label: 'moved',
    hasField: true,
    members: [
      { name: 'by', label: 'By at least', input: 'decimal' },
      { name: 'unit', label: 'Unit', input: 'unit' },
      { name: 'direction', label: 'Direction', input: 'direction' },
      { name: 'withinSeconds', label: 'Within seconds', input: 'seconds', isOptional: true },
      { name: 'from', label: 'Or since another field', input: 'field', isOptional: true },
    ],
  },
  exists: { label: 'is present', hasField: true, members: [] },
  ticker: {
    label: 'ticker is one of',
    hasField: false,
    members: [{ name: 'values', label: 'Tickers, one a line', input: 'values' }],
  },
  form: {
    label: 'form is one of',
    hasField: false,
    members: [
      { name: 'values', label: 'Forms, one a line', input: 'values' },
      { name: 'amendments', label: 'With amendments', input: 'flag', isOptional: true },
    ],
  },
};

/** An operator that this console does not know keeps its members and is edited as JSON. */
export function shapeOfTest(op: string): TestShape {
  return SHAPES[op] ?? { label: op, hasField: false, members: [] };
}

export const KNOWN_OPERATORS: readonly string[] = Object.keys(SHAPES);

export function newTest(op = 'equals', field = 'type'): TestNode {
  return changeOperator({ op: 'exists', field }, op);
}

/** Keeps the members that the new operator has too, such as `field` and `value`. */
export function changeOperator(test: TestNode, op: string): TestNode {
  const { hasField, members } = shapeOfTest(op);
  const next: TestNode = { op, ...(hasField && { field: test.field ?? 'type' }) };
  for (const { name, input, isOptional } of members) {
    const kept = keptMember(test[name], input);
    if (kept !== undefined) next[name] = kept;
    else if (!isOptional || name === 'withinSeconds') next[name] = blank(input);
  }
  return next;
}

/** Sets a member; an empty optional one is left out. `from` and `withinSeconds` exclude each other. */
export function withMember(test: TestNode, name: string, value: unknown): TestNode {
  const { [name]: _old, ...rest } = test;
  const isEmpty = value === undefined || value === '' || value === false;
  const isOptional = shapeOfTest(test.op).members.find((member) => member.name === name)?.isOptional === true;
  if (isEmpty && isOptional) return rest as TestNode;
  if (name === 'from') delete rest['withinSeconds'];
  if (name === 'withinSeconds') delete rest['from'];
  return { ...rest, [name]: value } as TestNode;
}

/** Names a test in a few words, for lists: `payload.title contains “halted”`. */
export function describeCondition(node: ConditionNode): string {
  if ('all' in node) return joined(node.all as ConditionNode[], ' and ');
  if ('any' in node) return joined(node.any as ConditionNode[], ' or ');
  if ('not' in node) return `not (${describeCondition(node.not as ConditionNode)})`;
  const { label, hasField } = shapeOfTest(node.op);
  return [hasField ? node.field : undefined, label, valueText(node)].filter(Boolean).join(' ');
}

function valueText(test: TestNode): string {
  if (Array.isArray(test['values']))
    return test['values'].slice(0, 5).join(', ') + (test['values'].length > 5 ? ' ..' : '');
  if (test.op === 'between') return `${String(test['low'])} and ${String(test['high'])}`;
  if (test.op === 'moved') {
    const span =
      test['from'] === undefined ? `within ${String(test['withinSeconds'])} s` : `since ${String(test['from'])}`;
    return `${String(test['by'])}${test['unit'] === 'percent' ? ' %' : ''} ${span}`;
  }
  return test['value'] === undefined ? '' : `“${String(test['value'])}”`;
}

function joined(nodes: readonly ConditionNode[], word: string): string {
  return nodes
    .map((node) => ('op' in node || nodes.length === 1 ? describeCondition(node) : `(${describeCondition(node)})`))
    .join(word);
}

function keptMember(value: unknown, input: MemberInput): unknown {
  if (value === undefined) return undefined;
  if (input === 'values') return Array.isArray(value) ? value : undefined;
  if (input === 'decimal') return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? value : undefined;
  return value;
}

function blank(input: MemberInput): unknown {
  if (input === 'values') return [];
  if (input === 'flag') return false;
  if (input === 'seconds') return 300;
  if (input === 'unit') return 'percent';
  if (input === 'direction') return 'either';
  return '';
}
