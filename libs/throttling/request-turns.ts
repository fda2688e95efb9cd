import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { FastifyReply } from 'fastify';
import type { Counter, Gauge } from 'prom-client';
import { databaseConfig, type DatabaseConfig } from '#database/config';
import { type ThrottlingConfig, throttlingConfig } from './throttling.config.js';
import { tooManyAtOnce } from './throttling.errors.js';
import { AT_ONCE, REFUSALS } from './throttling.metrics.js';
import { type EndTurn, FairTurns } from './fair-turns.js';

/** Connections of the pool for read snapshots that costly requests leave free, for everything else that reads there. */
const LEFT_FREE = 2;

/** What takes turns: writes by the class of their route, reads that are marked `@Costly()`, and scrapes of metrics. */
export type TurnClass = 'write' | 'bulk' | 'costly' | 'scrape';

/** The requests of this process that take turns. */
@Injectable()
export class RequestTurns {
  readonly #turns: Record<TurnClass, FairTurns>;

  constructor(
    @Inject(throttlingConfig.token) config: ThrottlingConfig,
    @Inject(databaseConfig.token) { analyticsPoolMax }: DatabaseConfig,
    @InjectMetric(REFUSALS) private readonly refusals: Counter,
    @InjectMetric(AT_ONCE) gauge: Gauge,
  ) {
    const turns = (this.#turns = {
      write: new FairTurns({ perOwner: config.writesAtOnce, total: Infinity, waiting: config.requestsWaiting }),
      bulk: new FairTurns({ perOwner: config.bulkWritesAtOnce, total: Infinity, waiting: config.requestsWaiting }),
      scrape: new FairTurns({ perOwner: config.scrapesAtOnce, total: Infinity, waiting: config.requestsWaiting }),
      costly: new FairTurns({
        perOwner: config.costlyLimit,
        total: Math.max(1, analyticsPoolMax - LEFT_FREE),
        waiting: config.costlyWaiting,
      }),
    });
    Object.assign(gauge, {
      collect(this: Gauge) {
        for (const [name, { running, waiting }] of Object.entries(turns)) {
          this.set({ class: name, state: 'running' }, running);
          this.set({ class: name, state: 'waiting' }, waiting);
        }
      },
    });
  }

  /**
   * Resolves when the request may run; never, if its client left before.
   * @returns ends the turn
   * @throws DomainError THROTTLING_AT_ONCE
   */
  take(name: TurnClass, owner: string, reply: FastifyReply): EndTurn | Promise<EndTurn> {
    const turns = this.#turns[name];
    const turn = turns.take(owner, () => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      return gone.signal;
    });
    if (turn !== undefined) return turn;
    this.refusals.inc({ class: name });
    throw tooManyAtOnce(name, turns.limits.perOwner, turns.limits.waiting);
  }
}
