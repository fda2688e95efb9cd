import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Breakers } from './breakers.js';
import { DependencyPolicy } from './dependency-policy.js';
import type { BreakerTransition, Policy } from './policy.js';
import { optionsFor, type PolicyOptions, readOverride } from './policy-options.js';
import { resilienceConfig, type ResilienceConfig } from './resilience.config.js';
import { BREAKER_STATE, BREAKER_TRANSITIONS, CALLS } from './resilience.metrics.js';

/** Hosts have policies too, and a desk may name any host: the least recently used is forgotten past this. */
const MOST = 500;
const STATE = { closed: 0, open: 1, 'half-open': 2 } as const;

/** One policy a dependency, by name. The same name gives the same policy, breaker and all, everywhere in the process. */
@Injectable()
export class Policies {
  private readonly policies = new Map<string, DependencyPolicy>();

  constructor(
    private readonly breakers: Breakers,
    @Inject(resilienceConfig.token) private readonly config: ResilienceConfig,
    @InjectMetric(BREAKER_STATE) private readonly state: Gauge<'name'>,
    @InjectMetric(BREAKER_TRANSITIONS) private readonly transitions: Counter<'name' | 'to'>,
    @InjectMetric(CALLS) private readonly calls: Counter<'name' | 'outcome'>,
  ) {}

  /**
   * @param name of the dependency, `edgar` or `feed:www.example.com`: the label of metrics, the name in RESILIENCE_POLICIES
   * @param options of the first call that names it; the environment overrides them
   */
  policy(name: string, options: Partial<PolicyOptions> = {}): Policy {
    const known = this.policies.get(name);
    if (known !== undefined) {
      this.policies.delete(name);
      this.policies.set(name, known);
      return known;
    }
    this.makeRoom();
    const made = new DependencyPolicy(
      name,
      optionsFor(
        name,
        this.defaults(),
        options,
        this.config.policies.map((written) => readOverride(written)!),
      ),
      {
        outcome: (of, outcome) => this.calls.inc({ name: of, outcome }),
        transition: (transition) => this.moved(transition),
      },
    );
    this.policies.set(name, made);
    this.state.set({ name }, STATE.closed);
    this.breakers.watch(name, () => made.view());
    return made;
  }

  private moved(transition: BreakerTransition): void {
    const { name, to } = transition;
    this.state.set({ name }, STATE[to]);
    this.transitions.inc({ name, to });
    this.breakers.moved(transition);
  }

  /** The series of a forgotten one go with it: labels stay bounded. One that is open or at work is kept. */
  private makeRoom(): void {
    if (this.policies.size < MOST) return;
    for (const [name, policy] of this.policies) {
      if (policy.running > 0 || policy.state !== 'closed') continue;
      this.policies.delete(name);
      this.breakers.forget(name);
      this.state.remove({ name });
      void this.removeSeries(name);
      return;
    }
  }

  private async removeSeries(name: string): Promise<void> {
    for (const metric of [this.calls, this.transitions] as Counter[]) {
      for (const { labels } of (await metric.get()).values) if (labels['name'] === name) metric.remove(labels);
    }
  }

  private defaults(): PolicyOptions {
    const { timeoutMs, retries, failurePercent, minimumCalls, windowMs, halfOpenAfterMs } = this.config;
    const breaker = { failureRatio: failurePercent / 100, minimumCalls, windowMs, halfOpenAfterMs };
    return { timeoutMs, retries, retryBaseMs: 200, retryMaxMs: 5_000, ...breaker, concurrency: 50, queue: 200 };
  }
}
