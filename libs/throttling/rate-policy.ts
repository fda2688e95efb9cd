import type { FastifyReply } from 'fastify';
import type { Counter } from 'prom-client';
import type { LimitReport } from './cluster/limit-reports.js';
import type { CountSettlement } from './cluster/count-settlement.js';
import type { RateClassName } from './route-policy.js';
import { limited } from './throttling.errors.js';
import type { ThrottlerMemory, Verdict } from './throttler-memory.js';

export interface RateLimit {
  name: RateClassName;
  limit: number;
  windowMs: number;
  /** The name under which the memory counts. */
  counter: string;
  per: LimitReport['per'];
  /** The limit while this process counts alone. */
  alone: () => number;
  /** Requests of a client that this process may count before the others know them: 1/n of the limit. */
  unsettledPart: number;
}

/** One limit: it counts a request, sets the headers with the remaining requests, and refuses requests beyond it. */
export class RatePolicy {
  /** The RateLimit-Policy header, which is the same for every answer. */
  private readonly header: string;
  private readonly unsettledMax: number;
  private readonly dueAt: number;
  private refused = 0;

  constructor(
    readonly of: RateLimit,
    private readonly memory: ThrottlerMemory,
    private readonly settlement: Pick<CountSettlement, 'isShared' | 'isEnabled' | 'due' | 'ask'>,
    private readonly refusals: Counter,
  ) {
    // A counter that begins at 1 shows no increase to Prometheus.
    refusals.inc({ class: of.name }, 0);
    this.header = `"${of.name}";q=${of.limit};w=${Math.ceil(of.windowMs / 1000)}`;
    this.unsettledMax = Math.floor(of.limit / of.unsettledPart);
    this.dueAt = settlement.isEnabled ? Math.max(1, this.unsettledMax >> 1) : Infinity;
  }

  /**
   * Decides at once, except for a client with too many requests that the other processes do not know.
   * @throws DomainError THROTTLING_LIMITED, or rejects with it
   */
  admit(key: string, reply: FastifyReply): Promise<void> | undefined {
    const { of, settlement } = this;
    const shared = settlement.isShared;
    const limit = shared ? of.limit : of.alone();
    const taken = this.memory.take(key, of.windowMs, limit, of.counter, shared ? this.unsettledMax : Infinity);
    if (taken.mustSettle) return this.#settle(key, reply);
    if (taken.unsettled === this.dueAt && !taken.isBlocked) settlement.due(of, key);
    this.#answer(taken, reply);
    return undefined;
  }

  /** Takes one counted request back. */
  giveBack(key: string): void {
    const unsettled = this.memory.giveBack(key, this.of.windowMs, this.of.counter);
    if (unsettled < 0) this.settlement.due(this.of, key);
  }

  report(): LimitReport {
    const { counter, limit, per } = this.of;
    const counted = this.settlement.isShared ? 'redis' : 'process';
    const used = Math.ceil(this.memory.peakOf(counter));
    return { name: `throttling.${counter}`, limit, per, scope: 'cluster', counted, used, refusals: this.refused };
  }

  async #settle(key: string, reply: FastifyReply): Promise<void> {
    const { counter, limit, windowMs, alone } = this.of;
    const granted = await this.settlement.ask(this.of, key);
    this.#answer(
      granted === undefined
        ? this.memory.take(key, windowMs, alone(), counter)
        : this.memory.settled(key, windowMs, limit, counter, granted),
      reply,
    );
  }

  #answer(verdict: Verdict, reply: FastifyReply): void {
    const { name, limit, windowMs } = this.of;
    const remaining = Math.max(0, limit - verdict.totalHits);
    void reply
      .header('ratelimit-policy', this.header)
      .header(
        'ratelimit',
        `"${name}";r=${remaining};t=${verdict.isBlocked ? verdict.timeToBlockExpire : verdict.timeToExpire}`,
      );
    if (!verdict.isBlocked) return;
    this.refused += 1;
    this.refusals.inc({ class: name });
    throw limited(name, limit, windowMs, verdict.timeToBlockExpire * 1000);
  }
}
