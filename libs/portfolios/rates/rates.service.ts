import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { type Page, pageFrom } from '#http';
import { Quotas } from '#quotas';
import { Clock, shownTime, utcTime } from '#time';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { aheadOfTime, tooManyAdjustments, tooManyRates } from '../portfolios.errors.js';
import { aheadIssues } from '../snapshot-checks.js';
import { AdjustmentsRepository } from './adjustments.repository.js';
import type {
  AdjustmentView,
  ListAdjustments,
  ListRates,
  PostAdjustment,
  Rate,
  RatesPosted,
  RateView,
} from './rate.dto.js';
import { RatesRepository } from './rates.repository.js';

/** Stores and lists the rates of currencies and the splits of contracts. */
@Injectable()
export class RatesService {
  constructor(
    private readonly rates: RatesRepository,
    private readonly adjustments: AdjustmentsRepository,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    private readonly quotas: Quotas,
    private readonly clock: Clock,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
  ) {}

  /** @throws DomainError REQUEST_INVALID naming each asOf that lies in the future, PORTFOLIOS_TOO_MANY_RATES */
  async post(rates: readonly Rate[]): Promise<RatesPosted> {
    const { aheadToleranceMs, maxRates: max } = this.config;
    const ahead = aheadIssues(rates, (index) => `rates[${index}].asOf`, this.clock.now().getTime(), aheadToleranceMs);
    if (ahead.length > 0) throw aheadOfTime(ahead);
    const stored = await this.transactions.atomic(async () => {
      const { stored, added } = await this.rates.store(rates.map((rate) => ({ ...rate, asOf: utcTime(rate.asOf) })));
      if (added > 0)
        await this.quotas.keep({
          name: 'rates',
          owner: null,
          max,
          count: () => this.rates.count(),
          refusal: (count) => tooManyRates(count, max),
        });
      this.changes.hint();
      return stored;
    });
    return { stored, stale: rates.length - stored };
  }

  async list({ cursor, limit }: ListRates): Promise<Page<RateView>> {
    return pageFrom(
      await this.rates.list(cursor ?? null, limit + 1),
      limit,
      ({ base, quote }) => [base, quote],
      (rate) => ({
        ...rate,
        asOf: shownTime(rate.asOf),
        previousCloseAsOf: shownTime(rate.previousCloseAsOf),
      }),
    );
  }

  /** Stores a split, or corrects its factor. @throws DomainError PORTFOLIOS_TOO_MANY_ADJUSTMENTS */
  async adjust(principal: Principal, adjustment: PostAdjustment): Promise<AdjustmentView> {
    const { broker, key, exDate } = adjustment;
    const { maxAdjustments: max } = this.config;
    return this.transactions.atomic(async () => {
      const added = await this.adjustments.store(adjustment, principal.userId);
      if (added)
        await this.quotas.keep({
          name: 'adjustments',
          owner: null,
          max,
          count: () => this.adjustments.count(),
          refusal: (count) => tooManyAdjustments(count, max),
        });
      this.changes.hint();
      const stored = await this.adjustments.of([{ broker, key }]);
      return stored.find((one) => one.exDate === exDate)!;
    });
  }

  async listAdjustments({ broker, cursor, limit }: ListAdjustments): Promise<Page<AdjustmentView>> {
    const rows = await this.adjustments.list(broker ?? null, cursor ?? null, limit + 1);
    return pageFrom(rows, limit, (row) => [row.broker, row.key, row.exDate]);
  }
}
