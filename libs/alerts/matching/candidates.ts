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
  /** The rules to test. `units` refers to them by index. */
  readonly handles: number[] = [];
  readonly units: Uint32Array;
  private readonly rules: AlertRule[] = [];
  private readonly places = new Map<AlertRule, number>();
  private readonly matches: Match<AlertRule>[] = [];
  private readonly overruns: RuleOverrun[] = [];

  constructor(index: RuleIndex<AlertRule>, views: readonly EventView[]) {
    const units: number[] = [];
    for (const view of views) {
      const byOwner = this.byOwner(index, view);
      if (byOwner.size > 0) this.events.push(view.event);
      for (const places of byOwner.values()) {
        units.push(this.events.length - 1, places.length);
        for (const place of places) units.push(place);
      }
    }
    this.units = Uint32Array.from(units);
  }

  rule(place: number): AlertRule {
    return this.rules[place]!;
  }

  /** @param missing places of rules whose condition the thread does not have */
  conditionsOf(missing: readonly number[]): [number, Condition][] {
    return missing.map((place) => [this.handles[place]!, this.rules[place]!.condition]);
  }

  take({ matches, overruns }: MatchResult): void {
    for (let at = 0; at < matches.length; at += 2)
      this.matches.push({ rule: this.rule(matches[at + 1]!), event: this.events[matches[at]!]! });
    for (const { rule, event, ms, limit } of overruns)
      this.overruns.push({ rule: this.rule(rule), eventId: this.events[event]!.id, why: limit, ms });
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

  /** Places of the candidates by owner. A built-in rule matches its type of event: its condition is fixed. */
  private byOwner(index: RuleIndex<AlertRule>, view: EventView): Map<string | null, number[]> {
    const { event } = view;
    const byOwner = new Map<string | null, number[]>();
    let [owner, places]: [string | null | undefined, number[]] = [undefined, []];
    index.visitCandidates(view, (rule) => {
      if (rule.builtIn !== null) {
        if (rule.builtIn === event.type) this.matches.push({ rule, event });
        return;
      }
      // Most candidates follow one of the same owner.
      if (rule.userId !== owner) {
        owner = rule.userId;
        places = byOwner.get(owner) ?? [];
        byOwner.set(owner, places);
      }
      places.push(this.placeOf(rule));
    });
    return byOwner;
  }

  private placeOf(rule: AlertRule): number {
    const known = this.places.get(rule);
    if (known !== undefined) return known;
    let handle = handles.get(rule);
    if (handle === undefined) handles.set(rule, (handle = ++lastHandle));
    const place = this.rules.push(rule) - 1;
    this.places.set(rule, place);
    this.handles.push(handle);
    return place;
  }
}
