import type { Quote } from '#portfolios';

/** The prices that one cycle has seen, so that two of its sources do not ask for the same; gone at its end. */
export class CyclePrices {
  private readonly prices = new Map<string, Quote>();

  /** @param changed told of each change of how many are held */
  constructor(private readonly changed: (by: number) => void = () => undefined) {}

  /** Those of the keys that nobody has brought in this cycle. */
  missing(broker: string, keys: readonly string[]): string[] {
    return keys.filter((key) => !this.prices.has(`${broker} ${key}`));
  }

  put(quotes: readonly Quote[]): void {
    const before = this.prices.size;
    for (const quote of quotes) this.prices.set(`${quote.broker} ${quote.key}`, quote);
    this.changed(this.prices.size - before);
  }

  clear(): void {
    this.changed(-this.prices.size);
    this.prices.clear();
  }
}
