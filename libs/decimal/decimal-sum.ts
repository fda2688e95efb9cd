import { Decimal, shortUnits, sum, product, type Whole } from './decimal.js';

/**
 * Adds many decimals exactly, as `sum(numeric)` does: the total has as many decimals as the longest of them. Adding the text of a
 * short one makes no object, so a desk may add the figures of all rows that a tick changes.
 */
export class DecimalSum {
  readonly #byScale: Whole[] = [];

  add({ units, scale }: Decimal): void {
    this.#put(units, scale);
  }

  /** Adds a decimal, or with -1 takes it away. @throws RangeError if the text is none */
  addText(text: string, by: 1 | -1 = 1): void {
    const units = shortUnits(text);
    const point = text.indexOf('.');
    if (!Number.isNaN(units)) this.#put(by * units, point < 0 ? 0 : text.length - point - 1);
    else this.add(by === 1 ? Decimal.parse(text) : Decimal.parse(text).negated());
  }

  total(): Decimal {
    let units: Whole = 0;
    this.#byScale.forEach((part, scale) => (units = scale === 0 ? part : sum(product(units, 10), part)));
    return Decimal.of(BigInt(units), Math.max(0, this.#byScale.length - 1));
  }

  #put(units: Whole, scale: number): void {
    while (this.#byScale.length <= scale) this.#byScale.push(0);
    this.#byScale[scale] = sum(this.#byScale[scale]!, units);
  }
}
