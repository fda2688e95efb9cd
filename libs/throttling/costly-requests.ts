import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { databaseConfig, type DatabaseConfig } from '#database/config';
import { CostlyTurns } from './costly-turns.js';
import { type ThrottlingConfig, throttlingConfig } from './throttling.config.js';
import { tooManyCostly } from './throttling.errors.js';
import { COSTLY, REFUSALS } from './throttling.metrics.js';

/** Connections of the pool for read snapshots that costly requests leave free, for everything else that reads there. */
const LEFT_FREE = 2;

/** The costly requests of this process. */
@Injectable()
export class CostlyRequests {
  readonly #turns: CostlyTurns;

  constructor(
    @Inject(throttlingConfig.token) { costlyLimit, costlyWaiting }: ThrottlingConfig,
    @Inject(databaseConfig.token) { analyticsPoolMax }: DatabaseConfig,
    @InjectMetric(REFUSALS) private readonly refusals: Counter,
    @InjectMetric(COSTLY) gauge: Gauge,
  ) {
    const turns = (this.#turns = new CostlyTurns({
      perOwner: costlyLimit,
      total: Math.max(1, analyticsPoolMax - LEFT_FREE),
      waiting: costlyWaiting,
    }));
    Object.assign(gauge, {
      collect(this: Gauge) {
        this.set({ state: 'running' }, turns.running);
        this.set({ state: 'waiting' }, turns.waiting);
      },
    });
  }

  /** @param gone aborts when the client stops waiting @returns ends the turn @throws DomainError THROTTLING_COSTLY */
  take(owner: string, gone: AbortSignal): Promise<() => void> {
    const turn = this.#turns.take(owner, gone);
    if (turn !== undefined) return turn;
    this.refusals.inc({ class: 'costly' });
    throw tooManyCostly(this.#turns.limits.perOwner, this.#turns.limits.waiting);
  }
}
