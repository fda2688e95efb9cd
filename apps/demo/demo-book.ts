import { Decimal } from '#decimal';
import type { SnapshotsService } from '#portfolios';
import { DEMO_CURRENCY, type DemoPortfolio } from './demo-plan.js';
import type { DemoContract } from './demo-master.js';
import type { SeededRandom } from './seeded-random.js';

/** A holding. Money is in hundredths, so that sums are exact. */
interface Holding {
  contract: DemoContract;
  quantity: number;
  averagePrice: number;
}

/** Current prices by key, in hundredths. */
export type Prices = ReadonlyMap<string, { price: number; previousClose: number }>;

/** The holdings of one demo portfolio. A fill changes them, and a snapshot reports them. */
export class DemoBook {
  private cash: number;
  private readonly holdings: Holding[];

  private constructor(
    readonly plan: DemoPortfolio,
    cash: number,
    holdings: Holding[],
  ) {
    this.cash = cash;
    this.holdings = holdings;
  }

  /**
   * Opens with about ten million in cash and shares bought near the first prices. No futures: a fill is paid in full from cash, which
   * is right for shares only.
   */
  static opened(plan: DemoPortfolio, traded: readonly DemoContract[], random: SeededRandom): DemoBook {
    const shares = traded.filter(({ lot }) => lot === 1);
    const chosen = new Map<string, Holding>();
    while (chosen.size < plan.positions) {
      const contract = random.pick(shares);
      const quantity = random.between(1, 400);
      chosen.set(contract.key, {
        contract,
        quantity,
        averagePrice: Math.round(contract.price * (0.95 + random.next() * 0.1)),
      });
    }
    return new DemoBook(plan, random.between(2_000_000, 9_000_000) * 100, [...chosen.values()]);
  }

  /** Continues with the stored holdings, so that a restart does not change them. */
  static resumed(
    plan: DemoPortfolio,
    traded: readonly DemoContract[],
    kept: { cash: string; positions: readonly { key: string; quantity: string; averagePrice: string | null }[] },
  ): DemoBook | undefined {
    const byKey = new Map(traded.map((contract) => [contract.key, contract]));
    const holdings = kept.positions.flatMap(({ key, quantity, averagePrice }) => {
      const contract = byKey.get(key);
      return contract && averagePrice !== null
        ? [{ contract, quantity: Number(quantity), averagePrice: hundredths(averagePrice) }]
        : [];
    });
    // A held contract has expired: the book is opened again.
    return holdings.length === kept.positions.length && holdings.length > 0
      ? new DemoBook(plan, hundredths(kept.cash), holdings)
      : undefined;
  }

  get contracts(): readonly DemoContract[] {
    return this.holdings.map(({ contract }) => contract);
  }

  /** Fills one order: buys or sells a held contract at its current price, paid exactly from cash. */
  fill(prices: Prices, random: SeededRandom): void {
    const holding = random.pick(this.holdings);
    const { lot, key } = holding.contract;
    const { price } = prices.get(key)!;
    const quantity = lot * random.between(1, lot === 1 ? 40 : 1);
    const canBuy = quantity * price < this.cash / 4;
    const canSell = holding.quantity > quantity;
    if (canBuy && (random.next() < 0.5 || !canSell)) {
      holding.averagePrice = Math.round(
        (holding.averagePrice * holding.quantity + price * quantity) / (holding.quantity + quantity),
      );
      holding.quantity += quantity;
      this.cash -= quantity * price;
    } else if (canSell) {
      holding.quantity -= quantity;
      this.cash += quantity * price;
    }
  }

  snapshot(prices: Prices, userId: string, asOf: Date): Parameters<SnapshotsService['put']>[1] & { cash: string } {
    const { portfolioId, broker, account } = this.plan;
    return {
      portfolioId,
      broker,
      account,
      userId,
      asOf: asOf.toISOString(),
      currency: DEMO_CURRENCY,
      cash: decimal(this.cash),
      positions: this.holdings.map(({ contract, quantity, averagePrice }) => {
        const { price, previousClose } = prices.get(contract.key)!;
        return {
          key: contract.key,
          quantity: String(quantity),
          averagePrice: decimal(averagePrice),
          lastPrice: decimal(price),
          previousClose: decimal(previousClose),
        };
      }),
    };
  }
}

export function decimal(inHundredths: number): string {
  return String(Decimal.of(BigInt(inHundredths), 2));
}

export function hundredths(amount: string): number {
  return Math.round(Number(amount) * 100);
}
