import type { Quote } from '#portfolios';

/** The prices of one cycle, so that two sources do not request the same key. Cleared at its end. */
export class CyclePrices {
  private readonly prices = new Map<string, Quote>();

  /** @param changed called at each change of their number */
  constructor(private readonly changed: (by: number) => void = () => undefined) {}

  /** Returns the keys without a price in this cycle. */
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
