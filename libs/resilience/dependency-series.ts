import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Breakers } from './breakers.js';
import type { BreakerState, BreakerTransition, BreakerView } from './policy.js';
import { BREAKER_STATE, BREAKER_TRANSITIONS, CALLS, TIMEOUT } from './resilience.metrics.js';

/** Dependencies with series of their own, in the order of their first use: those of the desk, then hosts that users name. */
const MAX_NAMED = 16;
/** Further dependencies whose breaker has a series while it is not closed. Those that have been so for longest come first. */
const MAX_NAMED_OPEN = 16;
const OTHERS = 'others';
const STATE = { closed: 0, open: 1, 'half-open': 2 } as const;

/** The metrics of policies. There are up to 500 policies with about 8 series each, so most share the series `others`. */
@Injectable()
export class DependencySeries {
  private readonly named = new Set<string>();

  constructor(
    private readonly breakers: Breakers,
    @InjectMetric(BREAKER_STATE) state: Gauge<'name'>,
    @InjectMetric(TIMEOUT) timeout: Gauge<'name'>,
    @InjectMetric(BREAKER_TRANSITIONS) private readonly transitions: Counter<'name' | 'to'>,
    @InjectMetric(CALLS) private readonly calls: Counter<'name' | 'outcome'>,
  ) {
    Object.assign(state, { collect: () => this.showStates(state) });
    Object.assign(timeout, { collect: () => this.showTimeouts(timeout) });
  }

  /** A named dependency keeps its series for as long as the process runs. */
  enter(name: string): void {
    if (this.named.size < MAX_NAMED) this.named.add(name);
  }

  isNamed(name: string): boolean {
    return this.named.has(name);
  }

  called(name: string, outcome: string): void {
    this.calls.inc({ name: this.seriesOf(name), outcome });
  }

  moved({ name, to }: BreakerTransition): void {
    this.transitions.inc({ name: this.seriesOf(name), to });
  }

  private showStates(gauge: Gauge<'name'>): void {
    gauge.reset();
    const views = this.breakers.list();
    const [named, others] = this.split(views);
    const open = others.filter(({ state }) => state !== 'closed').sort((a, b) => since(a) - since(b));
    for (const { name, state } of [...named, ...open.slice(0, MAX_NAMED_OPEN)]) gauge.set({ name }, STATE[state]);
    if (others.length > 0) gauge.set({ name: OTHERS }, STATE[worstOf(open.slice(MAX_NAMED_OPEN))]);
  }

  private showTimeouts(gauge: Gauge<'name'>): void {
    gauge.reset();
    const [named, others] = this.split(this.breakers.list());
    for (const { name, timeoutMs } of named) gauge.set({ name }, timeoutMs / 1_000);
    const longest = Math.max(...others.map(({ timeoutMs }) => timeoutMs));
    if (others.length > 0) gauge.set({ name: OTHERS }, longest / 1_000);
  }

  private split(views: readonly BreakerView[]): [BreakerView[], BreakerView[]] {
    const { true: named = [], false: others = [] } = Object.groupBy(views, ({ name }) => String(this.isNamed(name)));
    return [named, others];
  }

  private seriesOf(name: string): string {
    return this.isNamed(name) ? name : OTHERS;
  }
}

function since(view: BreakerView): number {
  return view.since?.getTime() ?? 0;
}

function worstOf(views: readonly BreakerView[]): BreakerState {
  const states = views.map(({ state }) => state);
  return states.includes('open') ? 'open' : (states[0] ?? 'closed');
}
