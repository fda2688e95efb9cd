import { getHeapStatistics } from 'node:v8';
import type { Condition } from '../conditions/condition.js';
import { type Matcher, matcherOf } from '../conditions/condition-match.js';
import { FieldSlots } from '../conditions/event-view.js';

export interface CompiledRule {
  matches: Matcher;
  /** It has a pattern or many tests: its time is measured. */
  isCostly: boolean;
}

/** Maximum number of tests of a rule whose time is not measured: 80 ns each, as much as reading the clock. */
const MAX_CHEAP_TESTS = 8;
/** Share of the heap limit at which the compiled rules are forgotten. They keep automaton states, up to 128 KiB a pattern. */
const FULL = 0.5;

/** The rules that this thread has compiled, by handle. Sent once each; compiled again after they were forgotten. */
export class CompiledRules {
  slots = new FieldSlots();
  private readonly rules = new Map<number, CompiledRule>();

  /** Adds conditions by handle. @returns the rules of these handles, and the places of those that it does not have */
  of(
    handles: readonly number[],
    conditions: ReadonlyMap<number, Condition>,
  ): { rules: CompiledRule[]; missing: number[] } {
    for (const [handle, condition] of conditions)
      this.rules.set(handle, {
        matches: matcherOf(condition, this.slots),
        isCostly: testsOf(condition) > MAX_CHEAP_TESTS,
      });
    const rules = handles.map((handle) => this.rules.get(handle)!);
    return { rules, missing: rules.flatMap((rule, place) => (rule === undefined ? [place] : [])) };
  }

  /** Rules change and their handles never come back, so what is kept would grow. */
  forgetIfLarge(): void {
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    if (used_heap_size < heap_size_limit * FULL) return;
    this.rules.clear();
    this.slots = new FieldSlots();
  }
}

/** Number of tests; a pattern counts as many. */
function testsOf(condition: Condition): number {
  if ('all' in condition) return sum(condition.all);
  if ('any' in condition) return sum(condition.any);
  if ('not' in condition) return testsOf(condition.not);
  return condition.op === 'matches' ? MAX_CHEAP_TESTS + 1 : 1;
}

const sum = (conditions: readonly Condition[]): number =>
  conditions.reduce((total, condition) => total + testsOf(condition), 0);
