import type { Quote } from '#portfolios';
import { decimal, hundredths } from './demo-book.js';
import type { DemoContract } from './demo-master.js';
import type { SeededRandom } from './seeded-random.js';

const TICK = 5; // 0.05, in hundredths
const STEP = 0.0012; // of the price, at most, a move
const LEASH = 0.08; // how far a price walks from its close before it is pulled back

/** Prices of one broker's contracts: a random walk that stays near yesterday's close. */
export class DemoMarket {
  readonly prices = new Map<string, { price: number; previousClose: number }>();

  constructor(
    readonly broker: string,
    private readonly contracts: readonly DemoContract[],
    kept: readonly { key: string; price: string }[],
    private readonly random: SeededRandom,
  ) {
    for (const { key, price } of contracts) this.prices.set(key, { price, previousClose: price });
    for (const { key, price } of kept) {
      const known = this.prices.get(key);
      if (known) known.price = hundredths(price);
    }
  }

  /** Changes some prices by a few ticks. */
  move(howMany: number, asOf: Date): Quote[] {
    const moved = new Map<string, Quote>();
    for (let i = 0; i < howMany; i++) {
      const { key } = this.random.pick(this.contracts);
      const known = this.prices.get(key)!;
      const drift = known.price / known.previousClose - 1;
      const change = (this.random.next() * 2 - 1) * STEP - (Math.abs(drift) > LEASH ? Math.sign(drift) * STEP : 0);
      known.price = Math.max(TICK, Math.round((known.price * (1 + change)) / TICK) * TICK);
      moved.set(key, this.quote(key, asOf));
    }
    return [...moved.values()];
  }

  /** The first quote of every contract. */
  all(asOf: Date): Quote[] {
    return [...this.prices.keys()].map((key) => this.quote(key, asOf));
  }

  private quote(key: string, asOf: Date): Quote {
    const { price, previousClose } = this.prices.get(key)!;
    return {
      broker: this.broker,
      key,
      price: decimal(price),
      previousClose: decimal(previousClose),
      asOf: asOf.toISOString(),
    };
  }
}
