import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Breakers } from './breakers.js';
import { DependencyPolicy } from './dependency-policy.js';
import type { BreakerTransition, Policy } from './policy.js';
import { optionsFor, type PolicyDefaults, type PolicyOptions, readOverride } from './policy-options.js';
import { resilienceConfig, type ResilienceConfig } from './resilience.config.js';
import { BREAKER_STATE, BREAKER_TRANSITIONS, CALLS, TIMEOUT } from './resilience.metrics.js';

/** Maximum number of policies. Users name hosts, and each host has a policy. The least recently used is removed first. */
const MOST = 500;
const STATE = { closed: 0, open: 1, 'half-open': 2 } as const;

/** Policies by name of the dependency. The same name gives the same policy and breaker everywhere in the process. */
@Injectable()
export class Policies {
  private readonly policies = new Map<string, DependencyPolicy>();

  constructor(
    private readonly breakers: Breakers,
    @Inject(resilienceConfig.token) private readonly config: ResilienceConfig,
    @InjectMetric(BREAKER_STATE) private readonly state: Gauge<'name'>,
    @InjectMetric(BREAKER_TRANSITIONS) private readonly transitions: Counter<'name' | 'to'>,
    @InjectMetric(CALLS) private readonly calls: Counter<'name' | 'outcome'>,
    @InjectMetric(TIMEOUT) private readonly timeout: Gauge<'name'>,
  ) {
    Object.assign(timeout, { collect: () => this.showTimeouts() });
  }

  /**
   * @param name name of the dependency, such as `edgar` or `feed:www.example.com`, in metrics and in RESILIENCE_POLICIES
   * @param options used by the first call with this name. The environment overrides them
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

  private showTimeouts(): void {
    for (const [name, policy] of this.policies) this.timeout.set({ name }, policy.view().timeoutMs / 1_000);
  }

  /** Removes a policy with its metrics, so that labels stay bounded. Keeps policies that are open or have running calls. */
  private makeRoom(): void {
    if (this.policies.size < MOST) return;
    for (const [name, policy] of this.policies) {
      if (policy.running > 0 || policy.state !== 'closed') continue;
      this.policies.delete(name);
      this.breakers.forget(name);
      this.state.remove({ name });
      this.timeout.remove({ name });
      void this.removeSeries(name);
      return;
    }
  }

  private async removeSeries(name: string): Promise<void> {
    for (const metric of [this.calls, this.transitions] as Counter[]) {
      for (const { labels } of (await metric.get()).values) if (labels['name'] === name) metric.remove(labels);
    }
  }

  private defaults(): PolicyDefaults {
    const { timeoutMs, retries, failurePercent, minimumCalls, windowMs, halfOpenAfterMs } = this.config;
    const breaker = { failureRatio: failurePercent / 100, minimumCalls, windowMs, halfOpenAfterMs };
    return { timeoutMs, retries, retryBaseMs: 200, retryMaxMs: 5_000, ...breaker, concurrency: 50, queue: 200 };
  }
}
