import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { BY_ID, wireFlag, wireList, wireOrder, wireText } from '#text';
import { pageOf, pageQuery } from '#http';
import { PLACEHOLDER } from './alert-draft.js';
import type { AlertRule } from './alert-rule.js';
import { conditionSchema, patternSizeOf } from '../conditions/condition-schema.js';
import { isFieldPath } from '../conditions/event-view.js';
import type { QuietHours } from './quiet-hours.js';
import { quietHoursSchema } from './quiet-hours-schema.js';
import type { RuleIssue } from './rule-issues.js';

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
const MOST_CHANNELS = 20;
const WEEK_S = 604_800;

export const severity = z.enum(SEVERITIES, { error: `one of ${SEVERITIES.join(', ')}` });
const flag = z.boolean({ error: 'true or false' });
const fieldPath = z
  .string({ error: 'a field of the event' })
  .refine(isFieldPath, { error: 'a field of the event: type, broker, userId, instrumentId or payload.name(.name)' });
const template = (max: number) =>
  wireText(max).refine((text) => [...text.matchAll(PLACEHOLDER)].every(([, path]) => isFieldPath(path!)), {
    error: 'text in which each {..} is a field of the event, such as {payload.symbol}',
  });

const channels = z
  .array(z.uuid({ error: 'the id of an endpoint' }), { error: 'a list of endpoint ids' })
  .max(MOST_CHANNELS, { error: `at most ${MOST_CHANNELS} endpoints` })
  .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))])
  .describe("Endpoints that get a message: your own or the desk's");
const dedupe = z
  .strictObject({
    windowSeconds: z
      .int({ error: `seconds, 1 to ${WEEK_S}` })
      .min(1, { error: `seconds, 1 to ${WEEK_S}` })
      .max(WEEK_S, { error: `seconds, 1 to ${WEEK_S}` }),
    by: z
      .array(fieldPath)
      .max(10, { error: 'at most 10 fields' })
      .default([])
      .describe('Matches with the same values in these fields are equal. Empty: matches with the same title'),
  })
  .describe('Within the window, an equal match is counted on the first alert and sends no message');
const message = z
  .strictObject({ title: template(300).optional(), body: template(4_000).optional() })
  .describe('{payload.symbol} is replaced by that field of the event');

const what = {
  severity,
  condition: conditionSchema,
  channels,
  quietHours: quietHoursSchema.nullable(),
  dedupe: dedupe.nullable(),
  message,
};
const scope = z
  .enum(['mine', 'desk'], { error: 'mine or desk' })
  .describe('desk: sees every event; for operators only');

export const ruleInputSchema = z.strictObject({
  name: wireText(200),
  scope: scope.default('mine'),
  enabled: flag.default(true),
  severity,
  condition: conditionSchema,
  channels: channels.default([]),
  quietHours: what.quietHours.default(null),
  dedupe: what.dedupe.default(null),
  message: message.default({}),
});
export type RuleInput = z.output<typeof ruleInputSchema>;

export const rulePatchSchema = z.strictObject({
  name: wireText(200).optional(),
  enabled: flag.optional(),
  severity: severity.optional(),
  condition: conditionSchema.optional(),
  channels: channels.optional(),
  quietHours: what.quietHours.optional(),
  dedupe: what.dedupe.optional(),
  message: message.optional(),
});
export type RulePatch = z.output<typeof rulePatchSchema>;

export const ruleOrder = wireOrder({ createdAt: BY_ID, name: wireText(200, 0) }, 'createdAt');
export const ruleIdSchema = z.uuid({ error: 'the id of an alert rule' });
export const rulesQuerySchema = z
  .strictObject({
    userId: z.uuid({ error: 'the id of a user' }).optional().describe('Owner; only operators may name another user'),
    scope: scope.optional(),
    severity: wireList(severity).optional(),
    enabled: wireFlag,
    sort: ruleOrder.sort,
    ...pageQuery(ruleOrder.key(z.uuid())),
  })
  .refine(...ruleOrder.sameOrder);
export type RulesQuery = z.output<typeof rulesQuerySchema>;

export const ruleIssueSchema = z.object({
  field: z.string().describe('Position in the rule, such as message.title'),
  seen: z.string(),
  problem: z.string(),
});

export const ruleSchema = z.object({
  id: z.uuid(),
  scope: scope.describe('mine: a rule of its user'),
  userId: z.uuid().nullable(),
  builtIn: z.string().nullable().describe('The type of operator event of a built-in rule'),
  name: z.string(),
  enabled: z.boolean(),
  switchedOff: z
    .string()
    .nullable()
    .describe('Reason why the desk switched the rule off. Enable the rule to try again'),
  severity,
  condition: conditionSchema,
  channels: z.array(z.uuid()),
  quietHours: quietHoursSchema.nullable() as z.ZodType<QuietHours | null>,
  dedupe: dedupe.nullable(),
  message,
  issues: z
    .array(ruleIssueSchema)
    .describe('Named fields that some or all of its event types lack. The rule runs nevertheless'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type RuleView = z.output<typeof ruleSchema>;
export const rulesPageSchema = pageOf(ruleSchema);
export type RulesPage = z.output<typeof rulesPageSchema>;

/** The columns of a rule that its owner writes. */
export type RuleColumns = Pick<
  AlertRule,
  | 'name'
  | 'enabled'
  | 'severity'
  | 'condition'
  | 'channels'
  | 'quietHours'
  | 'dedupeSeconds'
  | 'dedupeBy'
  | 'titleTemplate'
  | 'bodyTemplate'
> & {
  /** Program size of the patterns of the condition. */
  patternSize: number;
};

/** The columns that a patch changes; all columns for a whole rule. */
export function toColumns({ quietHours, dedupe: repeats, message: words, ...plain }: RulePatch): Partial<RuleColumns> {
  const given = Object.fromEntries(
    Object.entries(plain).filter(([, value]) => value !== undefined),
  ) as Partial<RuleColumns>;
  return {
    ...given,
    ...(given.condition !== undefined && { patternSize: patternSizeOf(given.condition) }),
    ...(quietHours !== undefined && { quietHours }),
    ...(repeats !== undefined && { dedupeSeconds: repeats?.windowSeconds ?? 0, dedupeBy: repeats?.by ?? [] }),
    ...(words !== undefined && { titleTemplate: words.title ?? null, bodyTemplate: words.body ?? null }),
  };
}

export function toIssueView({ field, seen, problem, isUnknown }: RuleIssue): z.output<typeof ruleIssueSchema> {
  return { field, seen, problem: isUnknown ? `not allowed: write ${problem}` : problem };
}

export function toRuleView(rule: AlertRule, issues: readonly RuleIssue[]): RuleView {
  const {
    id,
    userId,
    builtIn,
    name,
    enabled,
    switchedOff,
    condition,
    channels: ids,
    quietHours,
    dedupeSeconds,
    dedupeBy,
    titleTemplate,
    bodyTemplate,
  } = rule;
  return {
    ...{
      id,
      scope: userId === null ? 'desk' : 'mine',
      userId,
      builtIn,
      name,
      enabled,
      switchedOff,
      severity: rule.severity,
      condition,
      channels: ids,
      quietHours,
    },
    dedupe: dedupeSeconds === 0 ? null : { windowSeconds: dedupeSeconds, by: dedupeBy },
    message: {
      ...(titleTemplate !== null && { title: titleTemplate }),
      ...(bodyTemplate !== null && { body: bodyTemplate }),
    },
    issues: issues.map(toIssueView),
    ...{ createdAt: rule.createdAt.toISOString(), updatedAt: rule.updatedAt.toISOString() },
  };
}

publishSchemas({
  AlertRule: ruleSchema,
  AlertRuleChange: rulePatchSchema,
  AlertRulePage: rulesPageSchema,
  Dedupe: dedupe,
  NewAlertRule: ruleInputSchema,
  RuleIssue: ruleIssueSchema,
  RuleMessage: message,
  RuleScope: scope,
  Severity: severity,
});
