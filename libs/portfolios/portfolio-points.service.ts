import { Injectable } from '@nestjs/common';
import { PortfolioHistoryRepository } from './history/portfolio-history.repository.js';
import { PortfolioValuesService } from './portfolio-values.service.js';
import type { PortfolioWorth } from './portfolio-worth.js';
import { PortfoliosRepository } from './portfolios.repository.js';

/** Writes the points of histories: what portfolios were worth at a moment. */
@Injectable()
export class PortfolioPointsService {
  constructor(
    private readonly portfolios: PortfoliosRepository,
    private readonly values: PortfolioValuesService,
    private readonly histories: PortfolioHistoryRepository,
  ) {}

  /** Adds the points of snapshots that this transaction has stored, at their own times and prices. */
  async addSnapshots(ids: readonly string[]): Promise<void> {
    const worths = await this.values.value(await this.portfolios.rows({ ids }), 'snapshot');
    await this.histories.add(worths.map((worth) => pointOf(worth, worth.row.asOf)));
  }

  /** Adds points at the newest quote of each portfolio. A portfolio without a quote since its snapshot has its point. */
  async addMarks(worths: readonly PortfolioWorth[]): Promise<void> {
    await this.histories.add(
      worths.flatMap((worth) => (worth.valued.markedAt === null ? [] : pointOf(worth, worth.valued.markedAt))),
    );
  }
}

function pointOf({ row, valued: { value, dayPnl, decimals } }: PortfolioWorth, asOf: string) {
  return {
    portfolioId: row.portfolioId,
    asOf,
    cash: row.cash,
    value: value && value.shown(decimals.value),
    dayPnl: dayPnl && dayPnl.shown(decimals.dayPnl),
  };
}
