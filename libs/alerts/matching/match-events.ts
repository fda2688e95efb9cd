import type { Condition } from '../conditions/condition.js';
import { type AlertEvent, EventView } from '../conditions/event-view.js';
import { type PriceWindow, type PriceWindows, priceWindows } from '../conditions/price-windows.js';
import { CompiledRules, type CompiledRule } from './compiled-rules.js';
import { cpuMs, StopWatch, TimeIsUp } from './stop-watch.js';

/** Time that rules may take, in ms of CPU. */
export interface MatchLimits {
  /** One rule on one event. */
  ruleMs: number;
  /** All rules of one owner on one event. */
  ownerMs: number;
  /** One run. Remaining work becomes a further run, so that other callers get their turn. */
  sliceMs: number;
}

/** Events and the rules that may match them. Pure data: it goes to a worker thread. */
export interface MatchCall {
  events: AlertEvent[];
  /** Handles of the rules. Units refer to rules by index in this list. */
  handles: readonly number[];
  /** Units `event, n, n rules`: the candidates of one owner for one event. */
  units: Uint32Array;
  /** Where in `units` to begin. */
  from: number;
  /** Conditions by handle, for the rules that the thread reported as missing. */
  rules: ReadonlyMap<number, Condition>;
  windows: readonly PriceWindow[];
  limits: MatchLimits;
  /** Event and rule at work: the caller reads them when the thread has been terminated. */
  progress: Int32Array;
}

/** A rule that exceeded its time on an event; it counts as no match. */
export interface MatchOverrun {
  event: number;
  rule: number;
  ms: number;
  /** `owner`: the rules of its owner exceeded their common limit, and this one took most of the time. */
  limit: 'rule' | 'owner';
}

export type MatchAnswer =
  /** Rules whose condition the thread does not have. Nothing was tested. */
  { missing: number[] } | MatchResult;

export interface MatchResult {
  /** Pairs `event, rule`. */
  matches: number[];
  overruns: MatchOverrun[];
  /** Rules that could not be tested: a stored pattern that this version refuses. */
  failures: { rule: number; message: string }[];
  /** Where the following run begins; the length of `units` at the end. */
  next: number;
}

const compiled = new CompiledRules();

/**
 * Tests the candidates of a batch of events. The limits are checked before each costly test, for each event. A rule
 * that exceeds one is skipped for that event and reported.
 */
export default function matchEvents(call: MatchCall): MatchAnswer {
  const { events, units, from, windows, limits } = call;
  const { rules, missing } = compiled.of(call.handles, call.rules);
  if (missing.length > 0) return { missing };
  const prices = priceWindows(windows);
  const views = new Map<number, EventView>();
  const answer: MatchResult = { matches: [], overruns: [], failures: [], next: from };
  const until = cpuMs() + limits.sliceMs;
  while (answer.next < units.length && (answer.next === from || cpuMs() < until)) {
    const [event, count] = [units[answer.next]!, units[answer.next + 1]!];
    const candidates = units.subarray(answer.next + 2, answer.next + 2 + count);
    const view = views.get(event) ?? new EventView(events[event]!, compiled.slots);
    views.set(event, view);
    new OwnerUnit(event, view, prices, call, answer).test(rules, candidates);
    answer.next += 2 + count;
  }
  compiled.forgetIfLarge();
  return answer;
}

/** The rules of one owner on one event. */
class OwnerUnit {
  private readonly watch: StopWatch;
  private costliest: { rule: number; ms: number } | undefined;
  private exhausted = false;

  constructor(
    private readonly event: number,
    private readonly view: EventView,
    private readonly prices: PriceWindows,
    private readonly call: MatchCall,
    private readonly found: MatchResult,
  ) {
    this.watch = new StopWatch(call.limits.ownerMs);
    view.checkTime = () => this.watch.check();
  }

  test(rules: readonly CompiledRule[], candidates: Uint32Array): void {
    for (const place of candidates) {
      const rule = rules[place]!;
      if (rule.isCostly ? this.costly(rule, place) : rule.matches(this.view, this.prices))
        this.found.matches.push(this.event, place);
    }
  }

  private costly({ matches }: CompiledRule, rule: number): boolean {
    if (this.exhausted) return false;
    const { progress, limits } = this.call;
    progress[0] = this.event;
    progress[1] = rule;
    const began = this.watch.begin(limits.ruleMs);
    let outcome = false;
    try {
      outcome = matches(this.view, this.prices);
    } catch (error) {
      if (!(error instanceof TimeIsUp)) this.found.failures.push({ rule, message: (error as Error).message });
    }
    const ms = cpuMs() - began;
    if (this.costliest === undefined || ms > this.costliest.ms) this.costliest = { rule, ms };
    if (ms > limits.ruleMs) this.found.overruns.push({ event: this.event, rule, ms, limit: 'rule' });
    else if (this.watch.isUp) this.found.overruns.push({ event: this.event, ...this.costliest, limit: 'owner' });
    this.exhausted = this.watch.isUp;
    return outcome;
  }
}
