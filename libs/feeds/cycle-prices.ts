import type { Quote } from '#portfolios';

/** The prices that one cycle has seen, so that two of its sources do not ask for the same; gone at its end. */
export class CyclePrices {
  private readonly prices = new Map<string, Quote>();

  get size(): number {
    return this.prices.size;
  }

  /** Those of the keys that nobody has asked for in this cycle. */
  missing(broker: string, keys: readonly string[]): string[] {
    return keys.filter((key) => !this.prices.has(`${broker} ${key}`));
  }

  put(quotes: readonly Quote[]): void {
    for (const quote of quotes) this.prices.set(`${quote.broker} ${quote.key}`, quote);
  }

  clear(): void {
    this.prices.clear();
  }
}
