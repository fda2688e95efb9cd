import { Inject, Injectable } from '@nestjs/common';
import { Breakers } from './breakers.js';
import { DependencyPolicy } from './dependency-policy.js';
import { DependencySeries } from './dependency-series.js';
import type { BreakerTransition, Policy } from './policy.js';
import { optionsFor, type PolicyDefaults, type PolicyOptions, readOverride } from './policy-options.js';
import { resilienceConfig, type ResilienceConfig } from './resilience.config.js';

/** Maximum number of policies. Users name hosts, and each host has a policy. The least recently used is removed first. */
const MOST = 500;

/** Policies by name of the dependency. The same name gives the same policy and breaker everywhere in the process. */
@Injectable()
export class Policies {
  private readonly policies = new Map<string, DependencyPolicy>();

  constructor(
    private readonly breakers: Breakers,
    @Inject(resilienceConfig.token) private readonly config: ResilienceConfig,
    private readonly series: DependencySeries,
  ) {}

  /**
   * @param name name of the dependency, such as `edgar` or `feed:www.example.com`, at /v1/system/breakers, in metrics and in RESILIENCE_POLICIES
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
        outcome: (of, outcome) => this.series.called(of, outcome),
        transition: (transition) => this.moved(transition),
      },
    );
    this.policies.set(name, made);
    this.series.enter(name);
    this.breakers.watch(name, () => made.view());
    return made;
  }

  private moved(transition: BreakerTransition): void {
    this.series.moved(transition);
    this.breakers.moved(transition);
  }

  /** Removes a policy. Keeps those with series of their own, which their users hold, and those that are open or have running calls. */
  private makeRoom(): void {
    if (this.policies.size < MOST) return;
    for (const [name, policy] of this.policies) {
      if (policy.running > 0 || policy.state !== 'closed' || this.series.isNamed(name)) continue;
      this.policies.delete(name);
      this.breakers.forget(name);
      return;
    }
  }

  private defaults(): PolicyDefaults {
    const { timeoutMs, retries, failurePercent, minimumCalls, windowMs, halfOpenAfterMs } = this.config;
    const breaker = { failureRatio: failurePercent / 100, minimumCalls, windowMs, halfOpenAfterMs };
    return { timeoutMs, retries, retryBaseMs: 200, retryMaxMs: 5_000, ...breaker, concurrency: 50, queue: 200 };
  }
}
