import type { FastifyReply } from 'fastify';
import type { Counter } from 'prom-client';
import type { RateClassName } from './route-policy.js';
import { limited } from './throttling.errors.js';
import type { ThrottlerMemory } from './throttler-memory.js';

/** One limit: it counts a request, sets the headers with the remaining requests, and refuses requests beyond it. */
export class RatePolicy {
  /** The RateLimit-Policy header, which is the same for every answer. */
  private readonly header: string;

  /** @param counter the name under which the memory counts */
  constructor(
    private readonly name: RateClassName,
    private readonly limit: number,
    private readonly windowMs: number,
    private readonly counter: string,
    private readonly memory: ThrottlerMemory,
    private readonly refusals: Counter,
  ) {
    // A counter that begins at 1 shows no increase to Prometheus.
    refusals.inc({ class: name }, 0);
    this.header = `"${name}";q=${limit};w=${Math.ceil(windowMs / 1000)}`;
  }

  /** @throws DomainError THROTTLING_LIMITED */
  admit(key: string, reply: FastifyReply): void {
    const verdict = this.memory.take(key, this.windowMs, this.limit, this.counter);
    const remaining = Math.max(0, this.limit - verdict.totalHits);
    void reply
      .header('ratelimit-policy', this.header)
      .header(
        'ratelimit',
        `"${this.name}";r=${remaining};t=${verdict.isBlocked ? verdict.timeToBlockExpire : verdict.timeToExpire}`,
      );
    if (!verdict.isBlocked) return;
    this.refusals.inc({ class: this.name });
    throw limited(this.name, this.limit, this.windowMs, verdict.timeToBlockExpire * 1000);
  }

  /** Takes one counted request back. */
  giveBack(key: string): void {
    this.memory.giveBack(key, this.windowMs, this.counter);
  }
}
