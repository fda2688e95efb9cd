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
  /** One run: the work that is left is a further run, so that others get their turn. */
  sliceMs: number;
}

/** Events and the rules that may match them. Pure data: it goes to a worker thread. */
export interface MatchCall {
  events: AlertEvent[];
  /** Units `event, n, n handles`: the candidates of one owner for one event. */
  units: Uint32Array;
  /** Where in `units` to begin. */
  from: number;
  /** Conditions of handles that the thread said are missing. */
  rules: ReadonlyMap<number, Condition>;
  windows: readonly PriceWindow[];
  limits: MatchLimits;
  /** Event and handle at work: the caller reads them when the thread has been terminated. */
  progress: Int32Array;
}

/** A rule that exceeded its time on an event; it counts as no match. */
export interface MatchOverrun {
  event: number;
  handle: number;
  ms: number;
  /** `owner`: the rules of its owner exceeded theirs together, and this one took most of it. */
  limit: 'rule' | 'owner';
}

export type MatchAnswer =
  /** Handles whose condition the thread does not have. Nothing was tested. */
  { missing: number[] } | MatchResult;

export interface MatchResult {
  /** Pairs `event, handle`. */
  matches: number[];
  overruns: MatchOverrun[];
  /** Rules that could not be tested: a stored pattern that this version refuses. */
  failures: { handle: number; message: string }[];
  /** Where the following run begins; the length of `units` at the end. */
  next: number;
}

const compiled = new CompiledRules();

/**
 * Tests the candidates of a batch of events. The limits are asked before each costly test, for each event: a rule that
 * exceeds one is left out for that event and reported.
 */
export default function matchEvents(call: MatchCall): MatchAnswer {
  const { events, units, from, rules, windows, limits } = call;
  const missing = compiled.add(rules, handlesFrom(units, from));
  if (missing.length > 0) return { missing };
  const prices = priceWindows(windows);
  const views = new Map<number, EventView>();
  const answer: MatchResult = { matches: [], overruns: [], failures: [], next: from };
  const until = cpuMs() + limits.sliceMs;
  while (answer.next < units.length && (answer.next === from || cpuMs() < until)) {
    const [event, count] = [units[answer.next]!, units[answer.next + 1]!];
    const handles = units.subarray(answer.next + 2, answer.next + 2 + count);
    const view = views.get(event) ?? new EventView(events[event]!, compiled.slots);
    views.set(event, view);
    new OwnerUnit(event, view, prices, call, answer).test(handles);
    answer.next += 2 + count;
  }
  compiled.forgetIfLarge();
  return answer;
}

/** The rules of one owner on one event. */
class OwnerUnit {
  private readonly watch: StopWatch;
  private costliest: { handle: number; ms: number } | undefined;
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

  test(handles: Uint32Array): void {
    for (const handle of handles) {
      const rule = compiled.get(handle);
      if (rule.isCostly ? this.costly(rule, handle) : rule.matches(this.view, this.prices))
        this.found.matches.push(this.event, handle);
    }
  }

  private costly({ matches }: CompiledRule, handle: number): boolean {
    if (this.exhausted) return false;
    const { progress, limits } = this.call;
    progress[0] = this.event;
    progress[1] = handle;
    const began = this.watch.begin(limits.ruleMs);
    let outcome = false;
    try {
      outcome = matches(this.view, this.prices);
    } catch (error) {
      if (!(error instanceof TimeIsUp)) this.found.failures.push({ handle, message: (error as Error).message });
    }
    const ms = cpuMs() - began;
    if (this.costliest === undefined || ms > this.costliest.ms) this.costliest = { handle, ms };
    if (ms > limits.ruleMs) this.found.overruns.push({ event: this.event, handle, ms, limit: 'rule' });
    else if (this.watch.isUp) this.found.overruns.push({ event: this.event, ...this.costliest, limit: 'owner' });
    this.exhausted = this.watch.isUp;
    return outcome;
  }
}

function handlesFrom(units: Uint32Array, from: number): Set<number> {
  const handles = new Set<number>();
  for (let at = from; at < units.length; at += 2 + units[at + 1]!)
    for (const handle of units.subarray(at + 2, at + 2 + units[at + 1]!)) handles.add(handle);
  return handles;
}
