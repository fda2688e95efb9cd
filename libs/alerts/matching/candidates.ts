import type { Condition } from '../conditions/condition.js';
import type { AlertEvent, EventView } from '../conditions/event-view.js';
import type { AlertRule } from '../rules/alert-rule.js';
import type { Match, RuleIndex } from '../rules/rule-index.js';
import type { MatchOverrun, MatchResult } from './match-events.js';

/** A rule that exceeded its time on an event. */
export interface RuleOverrun {
  rule: AlertRule;
  eventId: string;
  why: MatchOverrun['limit'] | 'killed';
  ms: number;
}

export interface Matched {
  matches: Match<AlertRule>[];
  overruns: RuleOverrun[];
  /** The first event that was not tested, when the time was up before. */
  untestedId: string | undefined;
}

/** Numbers for rules, so that a thread gets the condition of each only once. A changed rule is another object. */
const handles = new WeakMap<AlertRule, number>();
let lastHandle = 0;

/** The rules that may match each event, grouped by owner, and those that have matched. */
export class Candidates {
  /** Events with a candidate that must be tested. */
  readonly events: AlertEvent[] = [];
  readonly units: Uint32Array;
  private readonly rules = new Map<number, AlertRule>();
  private readonly matches: Match<AlertRule>[] = [];
  private readonly overruns: RuleOverrun[] = [];

  constructor(index: RuleIndex<AlertRule>, views: readonly EventView[]) {
    const units: number[] = [];
    for (const view of views) {
      const byOwner = Map.groupBy(this.toTest(index.candidates(view), view.event), ({ userId }) => userId);
      if (byOwner.size > 0) this.events.push(view.event);
      for (const rules of byOwner.values()) {
        units.push(this.events.length - 1, rules.length);
        for (const rule of rules) units.push(this.handleOf(rule));
      }
    }
    this.units = Uint32Array.from(units);
  }

  rule(handle: number): AlertRule {
    return this.rules.get(handle)!;
  }

  conditionsOf(wanted: readonly number[]): [number, Condition][] {
    return wanted.map((handle) => [handle, this.rule(handle).condition]);
  }

  take({ matches, overruns }: MatchResult): void {
    for (let at = 0; at < matches.length; at += 2)
      this.matches.push({ rule: this.rule(matches[at + 1]!), event: this.events[matches[at]!]! });
    for (const { handle, event, ms, limit } of overruns)
      this.overruns.push({ rule: this.rule(handle), eventId: this.events[event]!.id, why: limit, ms });
  }

  /** @param next where in `units` the tests ended */
  result(next: number): Matched {
    const untested = this.units[next];
    return {
      matches: this.matches,
      overruns: this.overruns,
      untestedId: untested === undefined ? undefined : this.events[untested]!.id,
    };
  }

  /** A built-in rule matches its type of event: its condition is fixed. */
  private toTest(candidates: readonly AlertRule[], event: AlertEvent): AlertRule[] {
    return candidates.filter((rule) => {
      if (rule.builtIn === event.type) this.matches.push({ rule, event });
      return rule.builtIn === null;
    });
  }

  private handleOf(rule: AlertRule): number {
    let handle = handles.get(rule);
    if (handle === undefined) handles.set(rule, (handle = ++lastHandle));
    this.rules.set(handle, rule);
    return handle;
  }
}
