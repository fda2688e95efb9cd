import { z } from 'zod';
import { publishSchemas, publishShape } from '#schemas';
import { decimalString, nonNegativeDecimal } from '#decimal';
import { wireText } from '#text';
import type { Condition } from './condition.js';
import type { FieldKind } from './event-fields.js';
import { isFieldPath } from './event-view.js';
import { LinearPattern } from './linear-pattern.js';

const DEEPEST = 8;
const MOST_NODES = 200;
const MOST_CHILDREN = 100;
const MOST_VALUES = 500;
const MOST_PATTERNS = 20;
/** Maximum program size of one pattern and of all patterns of a rule, in instructions: 25 and 50 ms for a text at worst. */
const MAX_PATTERN_SIZE = 500;
const MAX_RULE_PATTERN_SIZE = 1_000;
const DAY_S = 86_400;

const field = z
  .string({ error: 'a field of the event' })
  .refine(isFieldPath, { error: 'a field of the event: type, broker, userId, instrumentId or payload.name(.name)' });
const caseSensitive = z.boolean({ error: 'true or false' }).optional();
const value = wireText(500);
const values = (item: z.ZodType<string>) =>
  z
    .array(item, { error: `a list of 1 to ${MOST_VALUES}` })
    .min(1, { error: `a list of 1 to ${MOST_VALUES}` })
    .max(MOST_VALUES, { error: `a list of 1 to ${MOST_VALUES}` });

const moved = z
  .strictObject({
    op: z.literal('moved'),
    field,
    by: nonNegativeDecimal.refine((by) => /[1-9]/.test(by), { error: 'a decimal string above 0' }),
    unit: z.enum(['percent', 'absolute'], { error: 'percent or absolute' }),
    direction: z.enum(['up', 'down', 'either'], { error: 'up, down or either' }).default('either'),
    from: field.optional(),
    withinSeconds: z
      .int({ error: `seconds, 1 to ${DAY_S}` })
      .min(1, { error: `seconds, 1 to ${DAY_S}` })
      .max(DAY_S, { error: `seconds, 1 to ${DAY_S}` })
      .optional(),
  })
  .refine((test) => (test.from === undefined) !== (test.withinSeconds === undefined), {
    path: ['from'],
    error: 'either from (another field) or withinSeconds (a window)',
  });

const compare = <Op extends string>(op: Op) => z.strictObject({ op: z.literal(op), field, value: decimalString });
const text = <Op extends string>(op: Op) => z.strictObject({ op: z.literal(op), field, value, caseSensitive });

const tests = {
  equals: text('equals'),
  contains: text('contains'),
  startsWith: text('startsWith'),
  matches: text('matches'),
  in: z.strictObject({ op: z.literal('in'), field, values: values(value), caseSensitive }),
  eq: compare('eq'),
  gt: compare('gt'),
  gte: compare('gte'),
  lt: compare('lt'),
  lte: compare('lte'),
  between: z.strictObject({ op: z.literal('between'), field, low: decimalString, high: decimalString }),
  moved,
  exists: z.strictObject({ op: z.literal('exists'), field }),
  ticker: z.strictObject({ op: z.literal('ticker'), values: values(wireText(32)) }),
  form: z.strictObject({
    op: z.literal('form'),
    values: values(wireText(32)),
    amendments: z.boolean({ error: 'true or false' }).optional(),
  }),
} satisfies Record<string, z.ZodType>;

const OPS = Object.keys(tests).join(', ');

interface Walk {
  nodes: number;
  patterns: number;
  /** Total program size of the patterns; undefined: a stored condition, whose patterns were checked when it was saved. */
  size: number | undefined;
  issue: (path: PropertyKey[], message: string) => void;
}

/**
 * The tree, checked node by node, so that an error names the node: `condition.all[2].any[0].op`. The error of a union would
 * only say that no member fits. Depth, nodes and patterns are bounded.
 */
export const conditionSchema = z
  .unknown()
  .transform((given, context): Condition => {
    const issue: Walk['issue'] = (path, message) =>
      context.issues.push({ code: 'custom', path, message, input: given });
    const walk: Walk = { nodes: 0, patterns: 0, size: 0, issue };
    const condition = walked(given, [], 1, walk);
    if (walk.size! > MAX_RULE_PATTERN_SIZE)
      issue([], `patterns of at most ${MAX_RULE_PATTERN_SIZE} instructions in total; these have ${walk.size} or more`);
    if (condition !== undefined) sizes.set(condition, walk.size!);
    return condition ?? z.NEVER;
  })
  .describe(
    `A tree of {"all": [..]}, {"any": [..]}, {"not": ..} and tests {"field", "op", ..} with op one of ${OPS}; ` +
      `at most ${DEEPEST} levels and ${MOST_NODES} nodes. Numbers are decimal strings.`,
  );

const some = z.array(conditionSchema).min(1).max(MOST_CHILDREN);
/** One test of a field, by its `op`. */
export const conditionTest = z.discriminatedUnion('op', Object.values(tests) as [typeof moved]);
const tree = z.union([
  z.strictObject({ all: some }),
  z.strictObject({ any: some }),
  z.strictObject({ not: conditionSchema }),
  conditionTest,
]);
// Also the form of stored rules, which may lack a default.
publishShape('Condition', conditionSchema, () => tree, 'input');
publishSchemas({ ConditionTest: conditionTest, EventField: field });

/** Kinds of fields that tests of text can match: everything is also text. */
const AS_TEXT: readonly FieldKind[] = ['text', 'time', 'number', 'boolean', 'any'];
/** Decimals of payloads are text. */
const AS_NUMBER: readonly FieldKind[] = ['number', 'text', 'any'];
const KINDS: Readonly<Record<keyof typeof tests, readonly FieldKind[]>> = {
  ...{ equals: AS_TEXT, contains: AS_TEXT, startsWith: AS_TEXT, matches: AS_TEXT, in: AS_TEXT, exists: AS_TEXT },
  ...{ eq: AS_NUMBER, gt: AS_NUMBER, gte: AS_NUMBER, lt: AS_NUMBER, lte: AS_NUMBER, between: AS_NUMBER },
  ...{ moved: AS_NUMBER, ticker: [], form: [] },
};

/** An operator of a condition, the kinds of fields that it tests, and the other members of its test. */
export interface ConditionOperator {
  op: string;
  /** Empty: it has no field, because it knows where events have what it tests. */
  kinds: readonly FieldKind[];
  members: { name: string; required: boolean }[];
}

/** Every operator, in the order of the documentation. */
export function conditionOperators(): ConditionOperator[] {
  return Object.entries(tests).map(([op, { shape }]) => ({
    op,
    kinds: KINDS[op as keyof typeof tests],
    members: Object.entries<z.ZodType>(shape)
      .filter(([name]) => name !== 'op' && name !== 'field')
      .map(([name, member]) => ({ name, required: !member.safeParse(undefined).success })),
  }));
}

/** Program size of each condition that the schema has checked. */
const sizes = new WeakMap<Condition, number>();

/** Total program size of the patterns of a condition that `conditionSchema` returned, in instructions. */
export function patternSizeOf(condition: Condition): number {
  return sizes.get(condition) ?? 0;
}

/**
 * Lists the errors of a stored condition that another version of this program wrote. Compiles no pattern: 120 rules
 * with the largest patterns would block the event loop for seconds at each start.
 */
export function storedConditionIssues(given: unknown): string[] {
  const issues: string[] = [];
  const issue: Walk['issue'] = (path, message) => void issues.push(`${path.join('.')}: ${message}`);
  walked(given, [], 1, { nodes: 0, patterns: 0, size: undefined, issue });
  return issues;
}

function walked(node: unknown, path: PropertyKey[], depth: number, walk: Walk): Condition | undefined {
  const refuse = (at: PropertyKey[], message: string): undefined => void walk.issue(at, message);
  if (++walk.nodes > MOST_NODES)
    return walk.nodes === MOST_NODES + 1 ? refuse(path, `at most ${MOST_NODES} nodes in a condition`) : undefined;
  if (typeof node !== 'object' || node === null || Array.isArray(node))
    return refuse(path, 'an object: all, any, not, or a test with field and op');
  if (depth > DEEPEST) return refuse(path, `at most ${DEEPEST} levels`);
  const kinds = ['all', 'any', 'not', 'op'].filter((key) => Object.hasOwn(node, key));
  if (kinds.length !== 1)
    return refuse(
      kinds.length === 0 ? [...path, 'op'] : path,
      kinds.length === 0 ? `one of ${OPS} (or all, any, not in its place)` : `only one of ${kinds.join(', ')}`,
    );
  const kind = kinds[0]!;
  if (kind === 'op') return test(node as { op: unknown }, path, walk);
  for (const key of Object.keys(node)) if (key !== kind) return refuse([...path, key], `nothing beside ${kind}`);
  if (kind === 'not') {
    const inner = walked((node as { not: unknown }).not, [...path, 'not'], depth + 1, walk);
    return inner && { not: inner };
  }
  const children = (node as Record<string, unknown>)[kind];
  if (!Array.isArray(children) || children.length === 0 || children.length > MOST_CHILDREN)
    return refuse([...path, kind], `a list of 1 to ${MOST_CHILDREN} conditions`);
  const inner = children.map((child, index) => walked(child, [...path, kind, index], depth + 1, walk));
  if (inner.includes(undefined)) return undefined;
  return kind === 'all' ? { all: inner as Condition[] } : { any: inner as Condition[] };
}

function test(node: { op: unknown }, path: PropertyKey[], walk: Walk): Condition | undefined {
  const schema =
    typeof node.op === 'string' && Object.hasOwn(tests, node.op) ? tests[node.op as keyof typeof tests] : undefined;
  if (schema === undefined) return void walk.issue([...path, 'op'], `one of ${OPS}`);
  if (node.op === 'matches' && ++walk.patterns > MOST_PATTERNS)
    return void walk.issue([...path, 'op'], `at most ${MOST_PATTERNS} patterns in a condition`);
  const result = schema.safeParse(node);
  if (result.success) {
    if (result.data.op === 'matches' && walk.size !== undefined) measure(result.data, path, walk);
    return result.data;
  }
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) walk.issue([...path, key], `no such member of ${String(node.op)}`);
    else walk.issue([...path, ...issue.path], issue.message);
  }
  return undefined;
}

/** Compiles a pattern and adds its size to the rule's. */
function measure(
  { value, caseSensitive }: Extract<Condition, { op: 'matches' }>,
  path: PropertyKey[],
  walk: Walk,
): void {
  // Enough to refuse the rule: no further pattern is compiled.
  if (walk.size! > MAX_RULE_PATTERN_SIZE) return;
  try {
    const { size } = new LinearPattern(value, caseSensitive !== true);
    walk.size! += size;
    if (size <= MAX_PATTERN_SIZE) return;
    walk.issue([...path, 'value'], `a pattern of at most ${MAX_PATTERN_SIZE} instructions; this has ${size}`);
  } catch (error) {
    walk.issue([...path, 'value'], `a regular expression: ${(error as Error).message}`);
  }
}
