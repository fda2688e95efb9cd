import { Decimal } from '#decimal';
import { canonicalForm, canonicalTicker } from '#forms';
import type { Condition, MoveTest, NumberTest, Test, TextTest } from './condition.js';
import { type EventView, fold, type FieldSlots, FORM_FIELD, TICKER_FIELD } from './event-view.js';
import { LinearPattern } from './linear-pattern.js';
import { hasMoved } from './price-move.js';
import type { PriceWindows } from './price-windows.js';

export type Matcher = (view: EventView, prices: PriceWindows) => boolean;

/**
 * Maximum length of a text that a pattern reads, in characters. It does not see the rest of a longer text: the time of a
 * pattern is its size times this.
 */
const MAX_PATTERN_TEXT = 2_048;

/** A condition as a function. Folding, decimals and patterns are prepared once. */
export function matcherOf(condition: Condition, slots: FieldSlots): Matcher {
  if ('all' in condition) {
    const parts = condition.all.map((part) => matcherOf(part, slots));
    return (view, prices) => {
      for (const part of parts) if (!part(view, prices)) return false;
      return true;
    };
  }
  if ('any' in condition) {
    const parts = condition.any.map((part) => matcherOf(part, slots));
    return (view, prices) => {
      for (const part of parts) if (part(view, prices)) return true;
      return false;
    };
  }
  if ('not' in condition) {
    const inner = matcherOf(condition.not, slots);
    return (view, prices) => !inner(view, prices);
  }
  return testMatcher(condition, slots);
}

function testMatcher(test: Test, slots: FieldSlots): Matcher {
  switch (test.op) {
    case 'equals':
    case 'contains':
    case 'startsWith':
    case 'matches':
    case 'in':
      return textMatcher(test, slots.slot(test.field));
    case 'eq':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
    case 'between':
      return numberMatcher(test, slots.slot(test.field));
    case 'moved':
      return moveMatcher(test, slots);
    case 'exists': {
      const slot = slots.slot(test.field);
      return (view) => view.texts(slot).length > 0;
    }
    case 'ticker':
      return oneOf(slots.slot(TICKER_FIELD), new Set(test.values.map(canonicalTicker)));
    case 'form':
      return oneOf(slots.slot(FORM_FIELD), formsOf(test));
  }
}

/** The forms that a test matches, by the names that EDGAR uses now. Amendments are included only on request. */
export function formsOf(test: { values: string[]; amendments?: boolean | undefined }): Set<string> {
  const forms = test.values.map(canonicalForm);
  return new Set(
    test.amendments === true ? forms.flatMap((form) => [form, form.endsWith('/A') ? form : `${form}/A`]) : forms,
  );
}

const oneOf =
  (slot: number, wanted: ReadonlySet<string>): Matcher =>
  (view) =>
    some(view.texts(slot), (text) => wanted.has(text));

/** A loop: Array.some() with a new closure for each call took twice the time over a million calls. */
function some<T>(values: readonly T[], holds: (value: T) => boolean): boolean {
  for (const value of values) if (holds(value)) return true;
  return false;
}

function textMatcher(test: TextTest, slot: number): Matcher {
  const exact = test.caseSensitive === true;
  if (test.op === 'matches') return patternMatcher(test.value, !exact, slot);
  const holds = textTest(test, exact ? (text: string) => text : fold);
  if (exact) return (view) => some(view.texts(slot), holds);
  return (view) => some(view.folded(slot), holds);
}

/** Compiles the pattern at its first test, within the time of the rule. */
function patternMatcher(source: string, ignoreCase: boolean, slot: number): Matcher {
  let pattern: LinearPattern | undefined;
  return (view) => {
    for (const text of view.texts(slot)) {
      view.checkTime();
      pattern ??= new LinearPattern(source, ignoreCase);
      if (pattern.test(text.length > MAX_PATTERN_TEXT ? text.slice(0, MAX_PATTERN_TEXT) : text)) return true;
    }
    return false;
  };
}

function textTest(
  test: Exclude<TextTest, { op: 'matches' }>,
  made: (text: string) => string,
): (text: string) => boolean {
  if (test.op === 'in') {
    const wanted = new Set(test.values.map(made));
    return (text) => wanted.has(text);
  }
  const wanted = made(test.value);
  switch (test.op) {
    case 'equals':
      return (text) => text === wanted;
    case 'contains':
      return (text) => text.includes(wanted);
    case 'startsWith':
      return (text) => text.startsWith(wanted);
  }
}

function numberMatcher(test: NumberTest, slot: number): Matcher {
  const where =
    (holds: (value: Decimal) => boolean): Matcher =>
    (view) =>
      some(view.decimals(slot), holds);
  if (test.op === 'between') {
    const [low, high] = [Decimal.parse(test.low), Decimal.parse(test.high)];
    return where((value) => value.compare(low) >= 0 && value.compare(high) <= 0);
  }
  const other = Decimal.parse(test.value);
  const holds = {
    eq: (order: number) => order === 0,
    gt: (order: number) => order > 0,
    gte: (order: number) => order >= 0,
    lt: (order: number) => order < 0,
    lte: (order: number) => order <= 0,
  }[test.op];
  return where((value) => holds(value.compare(other)));
}

function moveMatcher(test: MoveTest, slots: FieldSlots): Matcher {
  const slot = slots.slot(test.field);
  const by = Decimal.parse(test.by);
  const moved = (from: Decimal, to: Decimal, direction = test.direction): boolean =>
    hasMoved(from, to, by, test.unit, direction);
  if (test.from !== undefined) {
    const from = slots.slot(test.from);
    return (view) => {
      const [before, now] = [view.decimals(from)[0], view.decimals(slot)[0]];
      return before !== undefined && now !== undefined && moved(before, now);
    };
  }
  const { field, withinSeconds } = test;
  return (view, prices) => {
    const now = view.decimals(slot)[0];
    const window = now && prices(view, field, withinSeconds!);
    if (now === undefined || window === undefined) return false;
    // Up from the lowest price, down from the highest.
    return (
      (test.direction !== 'down' && moved(window.low, now, 'up')) ||
      (test.direction !== 'up' && moved(window.high, now, 'down'))
    );
  };
}
