import { Inject, Injectable } from '@nestjs/common';
import type { FieldIssue } from '#errors';
import { Quotas } from '#quotas';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { tooManyPortfolios, tooManyPositions } from '../portfolios.errors.js';
import { PortfoliosRepository } from '../portfolios.repository.js';
import { issuesOf, ISSUES_MAX } from '../snapshot-checks.js';
import type { Snapshot } from './snapshot.dto.js';

/** A portfolio that a call gave to its owner: a new one, or one that was moved. */
export interface GainedPortfolio {
  userId: string;
  /** Where it is in the request, such as `snapshots[3].portfolioId`. */
  field: string;
  portfolioId: string;
}

/** How many portfolios a user may have, and how many positions a portfolio. */
@Injectable()
export class PortfolioQuotas {
  constructor(
    private readonly portfolios: PortfoliosRepository,
    private readonly quotas: Quotas,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
  ) {}

  /** @throws DomainError PORTFOLIOS_TOO_MANY_POSITIONS naming each snapshot with too many */
  checkPositions(snapshots: readonly Snapshot[], field: (index: number) => string): void {
    const { maxPositions: max } = this.config;
    const issues = issuesOf(
      snapshots,
      ({ positions }) => (positions.length > max ? `${positions.length} positions` : undefined),
      field,
      `at most ${max} positions`,
    );
    if (issues.length > 0) throw this.quotas.refused('positions', tooManyPositions(max, issues));
  }

  /** Call it after the portfolios were stored. @throws DomainError PORTFOLIOS_TOO_MANY naming the items beyond the quota */
  async keepPortfolios(gained: readonly GainedPortfolio[]): Promise<void> {
    if (gained.length === 0) return;
    const byOwner = Map.groupBy(gained, ({ userId }) => userId);
    for (const { userId, operator } of await this.portfolios.owners([...byOwner.keys()])) {
      const max = operator ? this.config.maxPerOperator : this.config.maxPerTrader;
      await this.quotas.keep({
        name: 'portfolios',
        owner: userId,
        max,
        count: () => this.portfolios.countOf(userId),
        refusal: (count) => tooManyPortfolios(userId, count, max, beyond(byOwner.get(userId)!, count - max, max)),
      });
    }
  }
}

/** The last `surplus` items are those for which there is no room. */
function beyond(gained: readonly GainedPortfolio[], surplus: number, max: number): FieldIssue[] {
  return gained
    .slice(-surplus)
    .slice(0, ISSUES_MAX)
    .map(({ field, portfolioId }) => ({ field, seen: portfolioId, allowed: `at most ${max} portfolios of one owner` }));
}
