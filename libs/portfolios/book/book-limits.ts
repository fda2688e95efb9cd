import { beside } from '#panels';
import type { PortfolioSummary } from '../portfolio.dto.js';
import type { PortfolioValuesService } from '../portfolio-values.service.js';
import type { KeptWorth } from '../portfolio-worth.js';
import type { MomentLimits } from '../valuation/moment-limits.js';
import type { PortfolioBook } from './portfolio-book.js';

/** Finds the portfolios that a later moment changes, by what is noted beside their summaries. */
export class BookLimits {
  private readonly known = beside<PortfolioSummary, MomentLimits>();

  constructor(private readonly values: PortfolioValuesService) {}

  /** @param moment at which the portfolio was valued */
  note(summary: PortfolioSummary, worth: KeptWorth, moment: number): void {
    this.known.set(summary, this.values.limitsOf(worth, moment));
  }

  /** Looks at no position of a portfolio that has not been valued since the last moment. */
  changedAt(moment: number, { summaries, kept, moment: before }: PortfolioBook): string[] {
    const changed: string[] = [];
    for (const [id, summary] of summaries) {
      const worth = kept.get(id);
      // A quote values kept portfolios many times a minute: their limits are worked out here.
      if (worth !== undefined && this.known.get(summary) === undefined) this.note(summary, worth, before);
      const limits = this.known.get(summary);
      // Nothing is noted of a portfolio that was kept when it was valued and no longer is.
      if (limits === undefined || this.values.changesAt(moment, limits)) changed.push(id);
    }
    return changed;
  }
}
