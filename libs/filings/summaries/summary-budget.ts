import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { Atomic } from '#database';
import { EventLog } from '#events';
import { Clock } from '#time';
import { type BudgetMonth, BudgetRepository, type CallSettlement } from './budget.repository.js';
import { filingsBudgetExhausted } from '../filings-events.js';
import { filingsConfig, type FilingsConfig } from '../filings.config.js';
import { dollarsOf, microsOf } from './summary-price.js';
import { SummaryProvider } from './summary-provider.js';
import type { SummaryKey } from './summaries.repository.js';

/**
 * The monthly budget. An amount is reserved before a call and settled after it, so concurrent calls cannot exceed the
 * budget together.
 */
@Injectable()
export class SummaryBudget {
  readonly limitMicros: bigint;

  constructor(
    private readonly budget: BudgetRepository,
    private readonly events: EventLog,
    private readonly provider: SummaryProvider,
    private readonly clock: Clock,
    @Inject(filingsConfig.token) config: FilingsConfig,
    @InjectMetric('filings_budget_left_ratio') private readonly leftRatio: Gauge,
    @InjectMetric('filings_model_tokens_total') private readonly tokens: Counter<'direction'>,
    @InjectMetric('filings_model_cost_dollars_total') private readonly cost: Counter,
  ) {
    this.limitMicros = microsOf(config.monthlyBudget);
  }

  /** First day of the current month in UTC, the key of a budget. */
  get month(): string {
    return `${this.clock.now().toISOString().slice(0, 7)}-01`;
  }

  /**
   * Opens a call that costs at most `micros`. First counts open calls that a killed process left for the same question.
   * @returns the id of the call, or null if the budget does not cover it. Operators are notified once per month
   */
  @Atomic()
  async openCall(key: SummaryKey, provider: string, micros: bigint): Promise<string | null> {
    const { month } = this;
    await this.budget.abandon(key);
    const reserved = await this.budget.reserve(month, micros, this.limitMicros);
    this.provider.setExhausted(reserved === null);
    if (reserved !== null) {
      this.show(reserved);
      return this.budget.open(key, provider, month, micros);
    }
    const refused = await this.budget.refuse(month);
    this.show(refused);
    if (refused.first) await this.tell(refused, key.model, micros);
    return null;
  }

  async settle(callId: string, settlement: CallSettlement): Promise<void> {
    const month = await this.budget.settle(callId, settlement);
    if (month !== null) this.show(month);
    if (settlement.tokensIn !== null) this.tokens.inc({ direction: 'in' }, settlement.tokensIn);
    if (settlement.tokensOut !== null) this.tokens.inc({ direction: 'out' }, settlement.tokensOut);
    if (settlement.costMicros !== null) this.cost.inc(Number(settlement.costMicros) / 1e6);
  }

  answered(how: 'hits' | 'shared'): Promise<void> {
    return this.budget.answered(this.month, how);
  }

  /** Reads the current month. Also updates the gauge, because other processes change the budget too. */
  async current(): Promise<BudgetMonth> {
    const { month } = this;
    const none = {
      reservedMicros: '0',
      spentMicros: '0',
      hits: '0',
      misses: '0',
      shared: '0',
      refused: '0',
      exhaustedAt: null,
    };
    const found = (await this.budget.find(month)) ?? { month, ...none };
    this.show(found);
    if (found.exhaustedAt === null) this.provider.setExhausted(false);
    else if (this.leftMicros(found) === 0n) this.provider.setExhausted(true);
    return found;
  }

  /** Remaining amount, reservations deducted. Never below zero. */
  leftMicros({ spentMicros, reservedMicros }: BudgetMonth): bigint {
    const left = this.limitMicros - BigInt(spentMicros) - BigInt(reservedMicros);
    return left < 0n ? 0n : left;
  }

  private show(month: BudgetMonth): void {
    this.leftRatio.set(this.limitMicros === 0n ? 0 : Number(this.leftMicros(month)) / Number(this.limitMicros));
  }

  private async tell({ month, spentMicros }: BudgetMonth, model: string, micros: bigint): Promise<void> {
    await this.events.record({
      type: filingsBudgetExhausted.type,
      payload: {
        month: month.slice(0, 7),
        budgetUsd: dollarsOf(this.limitMicros),
        spentUsd: dollarsOf(spentMicros),
        neededUsd: dollarsOf(micros),
        model,
      },
    });
  }
}
