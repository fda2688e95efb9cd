import { Inject, Injectable } from '@nestjs/common';
import type { DomainError } from '#errors';
import { Quotas } from '#quotas';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { ownerUnknown, tooManyPortfolios, tooManyPositions } from '../portfolios.errors.js';
import { PortfoliosRepository } from '../portfolios.repository.js';

/** A portfolio that a call gives to an owner: a new one, or one that is moved. */
export interface GainedPortfolio {
  userId: string;
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

  /** Why a snapshot with so many positions is refused, if it is: PORTFOLIOS_TOO_MANY_POSITIONS. */
  refusalOfPositions(count: number): DomainError | undefined {
    const { maxPositions: max } = this.config;
    return count > max ? this.quotas.refused('positions', tooManyPositions(count, max)) : undefined;
  }

  /**
   * Which of the portfolios are beyond their owner's quota (the last ones) or have an owner that does not exist, and why. Call
   * it before they are stored, inside `@Atomic()`: until its end, no other call gives these owners a portfolio.
   */
  async refusalsOf(gained: readonly GainedPortfolio[]): Promise<Map<string, DomainError>> {
    const refusals = new Map<string, DomainError>();
    if (gained.length === 0) return refusals;
    const byOwner = Map.groupBy(gained, ({ userId }) => userId);
    const owners = await this.portfolios.owners([...byOwner.keys()]);
    const known = new Set(owners.map(({ userId }) => userId));
    for (const { userId, portfolioId } of gained)
      if (!known.has(userId)) refusals.set(portfolioId, ownerUnknown(userId));
    for (const { userId, operator } of owners) {
      const max = operator ? this.config.maxPerOperator : this.config.maxPerTrader;
      const own = byOwner.get(userId)!;
      // Another call may have stored one of them since it was looked up.
      const ids = own.map(({ portfolioId }) => portfolioId);
      const others = await this.quotas.used('portfolios', userId, () => this.portfolios.countOf(userId, ids));
      const count = others + own.length;
      for (const { portfolioId } of count > max ? own.slice(max - count) : [])
        refusals.set(
          portfolioId,
          this.quotas.refused('portfolios', tooManyPortfolios(userId, portfolioId, count, max)),
        );
    }
    return refusals;
  }
}
