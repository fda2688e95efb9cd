import { canonicalTicker } from '#forms';
import type { Condition } from '../conditions/condition.js';
import { formsOf } from '../conditions/condition-match.js';
import { type AlertEvent, EventView, fold, FieldSlots, FORM_FIELD, TICKER_FIELD } from '../conditions/event-view.js';

/** The part of a rule that matching needs. `userId` null: a rule of the desk, which sees every event. */
export interface MatchableRule {
  readonly id: string;
  readonly userId: string | null;
  readonly condition: Condition;
}

export interface Match<Rule> {
  rule: Rule;
  event: AlertEvent;
}

/** A window of prices that a rule may read. */
export interface WindowNeed {
  view: EventView;
  field: string;
  seconds: number;
}

interface Indexed<Rule> {
  rule: Rule;
  /** Its number among the rules of the index, from 0. */
  number: number;
  windows: readonly { field: string; slot: number; seconds: number }[];
  /** The last event that took it as a candidate: one event may find a rule under several keys. */
  seen: number;
}

/** `field` holds one of `values` whenever the condition matches. */
interface Need {
  field: string;
  values: readonly string[];
}

/**
 * Rules, indexed by a value that an event must have to match: a ticker, a form, a type, an exact text. An event tests only
 * the rules found under its own values, and the few rules without such a value. Pure; built again when a rule changes.
 * Compiles no pattern: `match-events.ts` tests the candidates.
 */
export class RuleIndex<Rule extends MatchableRule> {
  private readonly slots = new FieldSlots();
  private readonly keyed = new Map<string, { slot: number; rules: Map<string, Indexed<Rule>[]> }>();
  private readonly others: Indexed<Rule>[] = [];
  private readonly hasWindows: boolean;
  private turn = 0;
  private count = 0;

  /** @param isRestrictedType operator events and confidential ones: the rules of a user see them only if they belong to that user */
  constructor(
    rules: Iterable<Rule>,
    private readonly isRestrictedType: (type: string) => boolean,
  ) {
    let hasWindows = false;
    for (const rule of rules) {
      const windows = windowsOf(rule.condition).map((window) => ({ ...window, slot: this.slots.slot(window.field) }));
      hasWindows ||= windows.length > 0;
      this.place({ rule, number: this.count++, windows, seen: 0 }, needsOf(rule.condition));
    }
    this.hasWindows = hasWindows;
  }

  get size(): number {
    return this.count;
  }

  view(event: AlertEvent): EventView {
    return new EventView(event, this.slots);
  }

  /** The windows that matching these events may read; load them first. */
  windowNeeds(views: readonly EventView[]): WindowNeed[] {
    if (!this.hasWindows) return [];
    const needs: WindowNeed[] = [];
    for (const view of views) {
      const asked = new Set<string>();
      this.eachCandidate(view, ({ windows }) => {
        for (const { field, slot, seconds } of windows) {
          const key = `${field} ${seconds}`;
          if (asked.has(key) || view.decimals(slot).length === 0) continue;
          asked.add(key);
          needs.push({ view, field, seconds });
        }
      });
    }
    return needs;
  }

  /** The rules that may match an event, each once, with their numbers in this index (0 to `size`). */
  visitCandidates(view: EventView, visit: (rule: Rule, number: number) => void): void {
    this.eachCandidate(view, ({ rule, number }) => visit(rule, number));
  }

  private place(indexed: Indexed<Rule>, need: Need | undefined): void {
    if (need === undefined) {
      this.others.push(indexed);
      return;
    }
    let table = this.keyed.get(need.field);
    if (table === undefined)
      this.keyed.set(need.field, (table = { slot: this.slots.slot(need.field), rules: new Map() }));
    for (const value of new Set(need.values)) {
      const rules = table.rules.get(value);
      if (rules) rules.push(indexed);
      else table.rules.set(value, [indexed]);
    }
  }

  private eachCandidate(view: EventView, visit: (indexed: Indexed<Rule>) => void): void {
    const turn = ++this.turn;
    const restricted = this.isRestrictedType(view.event.type);
    const offer = (indexed: Indexed<Rule>): void => {
      if (indexed.seen === turn) return;
      indexed.seen = turn;
      if (isVisible(indexed.rule, view.event, restricted)) visit(indexed);
    };
    for (const [field, { slot, rules }] of this.keyed) {
      const values = field === TICKER_FIELD || field === FORM_FIELD ? view.texts(slot) : view.folded(slot);
      for (const value of values) rules.get(value)?.forEach(offer);
    }
    for (const indexed of this.others) if (isVisible(indexed.rule, view.event, restricted)) visit(indexed);
  }
}

/** Rules of the desk see all events. Rules of a user see the user's events, and events without a user that are not restricted. */
export function isVisible(rule: { userId: string | null }, event: AlertEvent, restricted: boolean): boolean {
  return rule.userId === null || event.userId === rule.userId || (event.userId === null && !restricted);
}

/** The most selective value that a condition needs to match. */
function needsOf(condition: Condition): Need | undefined {
  if ('all' in condition) return narrowest(condition.all.map(needsOf));
  if ('not' in condition) return undefined;
  if ('any' in condition) {
    const needs = condition.any.map(needsOf);
    const [first] = needs;
    // Only if all of them are in one field: an event may match by any.
    if (first === undefined || needs.some((need) => need?.field !== first.field)) return undefined;
    return { field: first.field, values: needs.flatMap((need) => need!.values) };
  }
  switch (condition.op) {
    case 'ticker':
      return { field: TICKER_FIELD, values: condition.values.map(canonicalTicker) };
    case 'form':
      return { field: FORM_FIELD, values: [...formsOf(condition)] };
    case 'equals':
      return { field: condition.field, values: [fold(condition.value)] };
    case 'in':
      return { field: condition.field, values: condition.values.map(fold) };
    default:
      return undefined;
  }
}

/** There are thousands of tickers, hundreds of forms, dozens of types. */
function narrowest(needs: readonly (Need | undefined)[]): Need | undefined {
  const rank = ({ field }: Need): number =>
    field === 'type' ? 3 : field === FORM_FIELD ? 2 : field === TICKER_FIELD ? 0 : 1;
  return needs
    .filter((need) => need !== undefined)
    .sort((a, b) => rank(a) - rank(b) || a.values.length - b.values.length)
    .at(0);
}

/** The types that a condition is restricted to; undefined if it may match any type. */
export function typesOf(condition: Condition): string[] | undefined {
  if ('all' in condition) return condition.all.map(typesOf).find((types) => types !== undefined);
  if ('any' in condition) {
    const types = condition.any.map(typesOf);
    return types.includes(undefined) ? undefined : types.flatMap((each) => each!);
  }
  if ('not' in condition || !('field' in condition) || condition.field !== 'type') return undefined;
  return condition.op === 'equals' ? [condition.value] : condition.op === 'in' ? condition.values : undefined;
}

function windowsOf(condition: Condition): { field: string; seconds: number }[] {
  if ('all' in condition) return condition.all.flatMap(windowsOf);
  if ('any' in condition) return condition.any.flatMap(windowsOf);
  if ('not' in condition) return windowsOf(condition.not);
  return condition.op === 'moved' && condition.withinSeconds !== undefined
    ? [{ field: condition.field, seconds: condition.withinSeconds }]
    : [];
}
