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
  /** Places in `rules` by the number of the rule in its index, plus 1; 0 if it has none yet. */
  private readonly places: Uint32Array;
  private readonly matches: Match<AlertRule>[] = [];
  private readonly overruns: RuleOverrun[] = [];

  constructor(index: RuleIndex<AlertRule>, views: readonly EventView[]) {
    this.places = new Uint32Array(index.size);
    const units = new SharedNumbers();
    for (const view of views) {
      const byOwner = this.byOwner(index, view);
      if (byOwner.size > 0) this.events.push(view.event);
      for (const places of byOwner.values()) {
        units.append([this.events.length - 1, places.length]);
        units.append(places);
      }
    }
    this.units = units.values();
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
    index.visitCandidates(view, (rule, number) => {
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
      places.push(this.placeOf(rule, number));
    });
    return byOwner;
  }

  private placeOf(rule: AlertRule, number: number): number {
    const known = this.places[number]!;
    if (known > 0) return known - 1;
    let handle = handles.get(rule);
    if (handle === undefined) handles.set(rule, (handle = ++lastHandle));
    const place = this.rules.push(rule) - 1;
    this.places[number] = place + 1;
    this.handles.push(handle);
    return place;
  }
}

/**
 * A growing list of numbers in shared memory. A crawl of 3,300 filings has 2.5 million candidates among 1,000 rules, and
 * each slice of the evaluation is a message to the thread: shared memory is not copied with it.
 */
class SharedNumbers {
  private numbers = new Uint32Array(new SharedArrayBuffer(4_096));
  private count = 0;

  append(more: readonly number[]): void {
    const needed = this.count + more.length;
    if (needed > this.numbers.length) {
      const larger = new Uint32Array(new SharedArrayBuffer(8 * needed));
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers.set(more, this.count);
    this.count = needed;
  }

  values(): Uint32Array {
    return this.numbers.subarray(0, this.count);
  }
}
