import type { Condition, Test } from '../conditions/condition.js';
import { COMMON_FIELDS, type EventFields } from '../conditions/event-fields.js';
import { fold, TICKERS } from '../conditions/event-view.js';
import { PLACEHOLDER } from './alert-draft.js';
import type { AlertRule } from './alert-rule.js';
import { typesOf } from './rule-index.js';

/** A field that a rule names and that some or all events it is for do not have. */
export interface RuleIssue {
  /** Place in the rule: `condition.all[1].field`, `message.title`, `dedupe.by[0]`. */
  field: string;
  /** The unknown field. */
  seen: string;
  /** The issue, with the available fields. */
  problem: string;
  /** No event has it: a rule with it is refused when it is saved. Otherwise the rule works for some of its types. */
  isUnknown: boolean;
}

type Parts = Pick<AlertRule, 'condition' | 'titleTemplate' | 'bodyTemplate' | 'dedupeBy'>;
type Types = readonly EventFields[];

const MAX_NAMED_TYPES = 5;
const MAX_NAMED_FIELDS = 120;
const FORM = 'payload.form';

/** Checks the fields that a rule names against the types of event it can match. Pure. @param all every declared type */
export function ruleIssues(rule: Parts, all: Types): RuleIssue[] {
  const check = new FieldCheck(all);
  const matched = check.condition(rule.condition, 'condition', all);
  const types = matched.length > 0 ? matched : named(rule.condition, all);
  for (const [field, template] of [
    ['message.title', rule.titleTemplate],
    ['message.body', rule.bodyTemplate],
  ] as const)
    for (const [, path] of (template ?? '').matchAll(PLACEHOLDER))
      check.field(field, path!, types, 'no message can be made of its alerts', true);
  for (const [index, path] of rule.dedupeBy.entries())
    check.field(`dedupe.by[${index}]`, path, types, 'it does not tell its matches apart', true);
  return check.issues;
}

class FieldCheck {
  readonly issues: RuleIssue[] = [];

  constructor(private readonly all: Types) {}

  /** @returns the types that the condition can match */
  condition(condition: Condition, at: string, types: Types): Types {
    if ('all' in condition) {
      // A type named anywhere in the list decides which fields its other conditions may name.
      const narrowed = condition.all.reduce((left, part) => named(part, left), types);
      const parts = condition.all.map((part, index) => this.condition(part, `${at}.all[${index}]`, narrowed));
      return narrowed.filter((type) => parts.every((part) => part.includes(type)));
    }
    if ('any' in condition) {
      const parts = condition.any.map((part, index) => this.condition(part, `${at}.any[${index}]`, types));
      return types.filter((type) => parts.some((part) => part.includes(type)));
    }
    if ('not' in condition) {
      this.condition(condition.not, `${at}.not`, types);
      return types;
    }
    return this.test(condition, at, types);
  }

  private test(test: Test, at: string, types: Types): Types {
    if (test.op === 'ticker') return this.virtual(`${at}.op`, test.op, TICKERS, types);
    if (test.op === 'form') return this.virtual(`${at}.op`, test.op, [FORM], types);
    if (test.field === 'type') {
      this.typeNames(test, at);
      return named(test, types);
    }
    const having = this.field(`${at}.field`, test.field, types, 'the test does not match it');
    if (test.op !== 'moved' || test.from === undefined) return having;
    return this.field(`${at}.from`, test.from, having, 'the test does not match it');
  }

  /**
   * @param consequence of a type that lacks the field
   * @param anyType report such types, too, when the rule is for any type of event: a test picks the types that have its field
   * @returns the types that have the field
   */
  field(at: string, path: string, types: Types, consequence: string, anyType = false): Types {
    const having = types.filter((type) => type.has(path));
    if (types.length === 0 || COMMON_FIELDS.includes(path)) return having;
    if (having.length === 0) {
      this.issues.push({ field: at, seen: path, problem: fieldsOf(types, this.all), isUnknown: true });
    } else if (having.length < types.length && (anyType || types.length < this.all.length)) {
      const lacking = types.filter((type) => !having.includes(type)).map(({ type }) => type);
      const problem = `${listed(lacking)} ${lacking.length === 1 ? 'has' : 'have'} no such field: ${consequence}`;
      this.issues.push({ field: at, seen: path, problem, isUnknown: false });
    }
    return having;
  }

  private virtual(at: string, op: string, paths: readonly string[], types: Types): Types {
    const having = types.filter((type) => paths.some((path) => type.has(path)));
    if (types.length > 0 && having.length === 0) {
      const problem = `a test that can match: ${listed(types.map(({ type }) => type))} has no ${op}`;
      this.issues.push({ field: at, seen: op, problem, isUnknown: true });
    }
    return having;
  }

  private typeNames(test: Test, at: string): void {
    if (test.op !== 'equals' && test.op !== 'in') return;
    const names = 'values' in test ? test.values : [test.value];
    for (const [index, name] of names.entries()) {
      if (this.all.some(({ type }) => fold(type) === fold(name))) continue;
      const field = test.op === 'equals' ? `${at}.value` : `${at}.values[${index}]`;
      const problem = `a type of event: ${this.all.map(({ type }) => type).join(', ')}`;
      this.issues.push({ field, seen: name, problem, isUnknown: true });
    }
  }
}

/** Those of the types that the condition names; all of them if it names none. */
function named(condition: Condition, types: Types): Types {
  const names = typesOf(condition)?.map(fold);
  return names === undefined ? types : types.filter(({ type }) => names.includes(fold(type)));
}

/** Allowed values in place of an unknown field. */
function fieldsOf(types: Types, all: Types): string {
  const names = [...new Set([...COMMON_FIELDS, ...types.flatMap((type) => type.names)])];
  const shown = names.slice(0, MAX_NAMED_FIELDS).join(', ');
  const more = names.length > MAX_NAMED_FIELDS ? ` and ${names.length - MAX_NAMED_FIELDS} more` : '';
  const of = types.length === all.length ? 'any type of event' : listed(types.map(({ type }) => type));
  return `a field of ${of}: ${shown}${more}`;
}

function listed(names: readonly string[]): string {
  if (names.length <= 1) return names.join('');
  if (names.length <= MAX_NAMED_TYPES) return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return `${names.slice(0, MAX_NAMED_TYPES).join(', ')} or ${names.length - MAX_NAMED_TYPES} others`;
}
