import { Injectable } from '@nestjs/common';
import { Background } from '#background';
import { Transactions } from '#database';
import { PortfolioPointsService } from '../portfolio-points.service.js';
import { PortfolioValuesService } from '../portfolio-values.service.js';
import { PortfoliosRepository } from '../portfolios.repository.js';
import { PortfolioHistoryRepository } from './portfolio-history.repository.js';

/** Portfolios valued in one snapshot of the database, so that none stays open for long. */
const CHUNK = 500;

/** Adds a point once a minute to the history of each portfolio that a quote has moved. */
@Injectable()
export class PortfolioPointsTask {
  constructor(
    private readonly histories: PortfolioHistoryRepository,
    private readonly portfolios: PortfoliosRepository,
    private readonly values: PortfolioValuesService,
    private readonly points: PortfolioPointsService,
    private readonly transactions: Transactions,
  ) {}

  /** Two processes that do it at once write the same points. */
  @Background({ name: 'portfolios-history', every: 60_000, role: 'worker', whenReadOnly: 'pause' })
  async addPoints(): Promise<void> {
    const moved = await this.histories.movedLately();
    for (let from = 0; from < moved.length; from += CHUNK) {
      const ids = moved.slice(from, from + CHUNK);
      const worths = await this.transactions.readSnapshot(async () =>
        this.values.value(await this.portfolios.rows({ ids })),
      );
      await this.points.addMarks(worths);
    }
  }
}
