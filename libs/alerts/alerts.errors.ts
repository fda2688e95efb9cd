import { defineErrors, type FieldIssue } from '#errors';
import { invalidRequest } from '#http';

const alertsError = defineErrors({
  ALERTS_RULE_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The alert rule does not exist, or you may not see it.',
    fix: 'List the rules with `GET /v1/alert-rules`.',
  },
  ALERTS_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The alert does not exist, or you may not see it.',
    fix: 'List the alerts with `GET /v1/alerts`.',
  },
  ALERTS_SILENCE_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The silence does not exist, or you may not see it. An ended silence is removed after a week.',
    fix: 'List the silences with `GET /v1/alert-silences`.',
  },
  ALERTS_TOO_MANY_SILENCES: {
    kind: 'conflict',
    meaning: 'You have, or the desk has, the maximum number of active silences.',
    fix: 'End a silence first, or disable the rule.',
  },
  ALERTS_NOT_YOURS: {
    kind: 'forbidden',
    meaning: "Only operators see the desk's alerts, rules and silences and those of other users.",
    fix: 'Omit `userId` and `scope`, or set `userId` to your own id.',
  },
  ALERTS_DESK_FOR_OPERATORS: {
    kind: 'forbidden',
    meaning: 'Only operators write rules and silences of the desk.',
    fix: 'Omit `scope` to write one of your own.',
  },
  ALERTS_RULE_BUILT_IN: {
    kind: 'conflict',
    meaning: 'A built-in rule cannot be deleted, and only some of its fields can be changed.',
    fix: 'Disable the rule instead, or change its severity, quiet hours, dedupe or message.',
  },
  ALERTS_TOO_MANY_RULES: {
    kind: 'conflict',
    meaning: 'You have, or the desk has, the maximum number of alert rules.',
    fix: 'Delete a rule first.',
  },
  ALERTS_PATTERNS_TOO_LARGE: {
    kind: 'conflict',
    meaning: 'The patterns of all your rules together are too large.',
    fix: 'Shorten patterns, reduce their repeats, or delete rules.',
  },
  ALERTS_RULES_TOO_LARGE: {
    kind: 'conflict',
    meaning: 'The conditions, names and messages of all your rules together are too large.',
    fix: 'Shorten lists of values or messages, or delete rules.',
  },
  ALERTS_EVALUATION_STOPPED: {
    kind: 'unprocessable',
    meaning: 'The test of the rule needed too much time or memory and was stopped.',
    fix: 'Simplify the patterns of the rule.',
  },
  ALERTS_FIELD_UNKNOWN: {
    kind: 'invalid',
    meaning: 'The rule names a field that none of its event types has.',
    fix: 'Name one of the fields that the answer lists.',
  },
  ALERTS_CHANNEL_UNKNOWN: {
    kind: 'invalid',
    meaning: 'The rule names a channel that does not exist or is not yours.',
    fix: 'List your endpoints with `GET /v1/webhooks`.',
  },
});

export const ruleNotFound = (id: string) =>
  alertsError('ALERTS_RULE_NOT_FOUND', `There is no alert rule ${id} that you may see.`);

export const alertNotFound = (id: string) =>
  alertsError('ALERTS_NOT_FOUND', `There is no alert ${id} that you may see.`);

export const silenceNotFound = (id: string) =>
  alertsError('ALERTS_SILENCE_NOT_FOUND', `There is no silence ${id} that you may see.`);

export const tooManySilences = (max: number) =>
  alertsError('ALERTS_TOO_MANY_SILENCES', `There are ${max} active silences, the maximum. End one first.`);

export const silenceTimeRefused = (seen: string, now: Date, latest: Date) =>
  invalidRequest([
    { field: 'until', seen, allowed: `a time after ${now.toISOString()}, at most ${latest.toISOString()}` },
  ]);

export const othersAlerts = () =>
  alertsError(
    'ALERTS_NOT_YOURS',
    "Only operators see the desk's alerts, rules and silences and those of other users. Omit `userId` and `scope`, or set `userId` to your own id.",
  );

export const deskIsForOperators = () =>
  alertsError(
    'ALERTS_DESK_FOR_OPERATORS',
    'Only operators write rules and silences of the desk. Omit `scope` to write one of your own.',
  );

/** @param fields the refused ones; none for a deletion */
export function builtInRule(name: string, fields: readonly string[]) {
  const refused =
    fields.length === 0
      ? 'cannot be deleted. Disable it instead'
      : `does not allow changes of ${fields.join(', ')}. Its severity, quietHours, dedupe, message and enabled can be changed`;
  return alertsError('ALERTS_RULE_BUILT_IN', `${name} is built in and ${refused}.`);
}

export const tooManyRules = (max: number) =>
  alertsError('ALERTS_TOO_MANY_RULES', `There are ${max} rules, the maximum. Delete one first.`);

export const tooLargePatterns = (size: number, max: number) =>
  alertsError(
    'ALERTS_PATTERNS_TOO_LARGE',
    `The patterns of these rules would have ${size} instructions in total; the maximum is ${max}. Shorten patterns or delete rules.`,
  );

export const tooLargeRules = (bytes: number, max: number) =>
  alertsError(
    'ALERTS_RULES_TOO_LARGE',
    `These rules would have ${bytes} bytes in total; the maximum is ${max}. Shorten lists of values or messages, or delete rules.`,
  );

export const evaluationStopped = (cause: Error) =>
  alertsError('ALERTS_EVALUATION_STOPPED', `The test of the rule was stopped (${cause.message}).`, { cause });

export function unknownFields(errors: readonly FieldIssue[]) {
  const [{ field, seen, allowed }] = errors as readonly [FieldIssue];
  return alertsError('ALERTS_FIELD_UNKNOWN', `"${seen}" is not allowed at ${field}: write ${allowed}.`, { errors });
}

export const unknownChannels = (errors: readonly FieldIssue[]) =>
  alertsError('ALERTS_CHANNEL_UNKNOWN', `${errors[0]!.field}: ${errors[0]!.allowed}`, { errors });
