import { Inject, Injectable } from '@nestjs/common';
import type { DomainError } from '#errors';
import { Quotas } from '#quotas';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { ownerUnknown, tooManyPortfolios, tooManyPositions, tooManyPositionsOfUser } from '../portfolios.errors.js';
import { type PortfolioOwner, PortfoliosRepository } from '../portfolios.repository.js';

/** A snapshot that is about to be stored. */
export interface SentPortfolio {
  userId: string;
  portfolioId: string;
  asOf: string;
  /** Number of its positions. */
  positions: number;
  /** Number of positions that the portfolio has now; undefined if its owner gains it: a new one, or one that is moved. */
  held: number | undefined;
}

/** What a call may store. */
export interface QuotaPlan {
  /** Why a portfolio is not stored, by its id. */
  refusals: Map<string, DomainError>;
  /** Positions that the call adds to those of an owner. */
  added: Map<string, number>;
}

/** Both quotas share this lock of the owner, so that one count serves both. */
const LOCK = 'portfolios';

/** How many portfolios a user may have, how many positions a portfolio, and how many positions a user in all portfolios. */
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
   * Which of the portfolios are beyond a quota of their owner, or have an owner that does not exist, and why. Takes them in the
   * order given. Call it before they are stored, inside `@Atomic()`: until its end, no other call adds to what these owners have.
   * Owners to whom nothing is added are not counted.
   */
  async plan(sent: readonly SentPortfolio[]): Promise<QuotaPlan> {
    const plan: QuotaPlan = { refusals: new Map(), added: new Map() };
    const byOwner = Map.groupBy(sent, ({ userId }) => userId);
    for (const [owner, own] of byOwner)
      if (!own.some(({ held, positions }) => held === undefined || positions > held)) byOwner.delete(owner);
    if (byOwner.size === 0) return plan;
    const owners = await this.portfolios.owners([...byOwner.keys()]);
    for (const owner of owners) {
      await this.planOf(owner, byOwner.get(owner.userId)!, plan);
      byOwner.delete(owner.userId);
    }
    for (const [unknown, own] of byOwner)
      for (const { portfolioId } of own) plan.refusals.set(portfolioId, ownerUnknown(unknown));
    return plan;
  }

  /**
   * Checks what was stored. It differs from the plan if another call made a portfolio smaller or moved it in between: then
   * counts again.
   * @param grown positions that were added to those of an owner
   * @throws DomainError PORTFOLIOS_TOO_MANY_POSITIONS_OF_USER
   */
  async confirm(grown: ReadonlyMap<string, number>, { added }: QuotaPlan): Promise<void> {
    const beyond = [...grown.keys()].filter((owner) => grown.get(owner)! > (added.get(owner) ?? 0));
    if (beyond.length === 0) return;
    for (const { userId, operator } of await this.portfolios.owners(beyond)) {
      const { positions } = await this.quotas.used(LOCK, userId, () => this.portfolios.usageOf(userId, []));
      const max = this.maxOf({ operator }).positions;
      const adds = grown.get(userId)!;
      if (positions > max) throw this.refusedPositions(userId, positions - adds, adds, max);
    }
  }

  private async planOf(owner: PortfolioOwner, own: readonly SentPortfolio[], plan: QuotaPlan): Promise<void> {
    const { userId } = owner;
    const max = this.maxOf(owner);
    const used = await this.quotas.used(LOCK, userId, () => this.portfolios.usageOf(userId, own));
    let { portfolios, positions } = used;
    for (const { portfolioId, positions: count } of own) {
      const now = used.sent[portfolioId];
      // A snapshot that is not newer replaces nothing.
      if (now?.older === false) continue;
      const adds = count - (now?.positions ?? 0);
      if (now === undefined && portfolios >= max.portfolios) {
        const refusal = tooManyPortfolios(userId, portfolioId, portfolios + 1, max.portfolios);
        plan.refusals.set(portfolioId, this.quotas.refused('portfolios', refusal));
      } else if (adds > 0 && positions + adds > max.positions) {
        plan.refusals.set(portfolioId, this.refusedPositions(userId, positions, adds, max.positions));
      } else {
        if (now === undefined) portfolios += 1;
        positions += adds;
      }
    }
    plan.added.set(userId, positions - used.positions);
  }

  private maxOf({ operator }: Pick<PortfolioOwner, 'operator'>): { portfolios: number; positions: number } {
    const { maxPerOperator, maxPerTrader, maxPositionsPerOperator, maxPositionsPerTrader } = this.config;
    return operator
      ? { portfolios: maxPerOperator, positions: maxPositionsPerOperator }
      : { portfolios: maxPerTrader, positions: maxPositionsPerTrader };
  }

  private refusedPositions(userId: string, used: number, adds: number, max: number): DomainError {
    return this.quotas.refused('positions_of_user', tooManyPositionsOfUser(userId, used, adds, max));
  }
}
