import { Decimal } from '#decimal';

/** A number as `above / below`, both exact. */
export interface Ratio {
  above: Decimal;
  below: Decimal;
}

/** Digits after the point of every computed number that is shown. */
const SHOWN_DECIMALS = 18;
/** Digits of one division where a sum has too many divisors to be brought to one. */
const INNER_DECIMALS = 30;
/** Divisors that are multiplied into one. Sums of more are divided one by one, which is 2 µs instead of 2 ms for 1,000. */
const EXACT_DIVISORS = 8;
const ONE = Decimal.of(1n);
const NO_PARTS: readonly Ratio[] = [];

/**
 * An exact sum of decimals and quotients. Immutable. Nothing is divided until the amount is shown, so 12000/60000 - 12000/64000
 * is 0.0125 and a third of a sum is not the sum of rounded thirds.
 */
export class Amount {
  /** What shown() answers, made once: most figures of a row are those of the row before. */
  private text: string | undefined;

  private constructor(
    private readonly whole: Decimal,
    /** Quotients with distinct positive divisors, none of them 1. */
    private readonly parts: readonly Ratio[],
  ) {}

  static readonly ZERO = new Amount(Decimal.ZERO, NO_PARTS);

  static of(decimal: Decimal): Amount {
    return new Amount(decimal, NO_PARTS);
  }

  /** `above / below`. @throws RangeError if `below` is 0 */
  static quotient(above: Decimal, below: Decimal): Amount {
    if (below.sign === 0) throw new RangeError('An amount cannot be divided by 0.');
    const [top, bottom] = below.sign < 0 ? [above.negated(), below.negated().trimmed()] : [above, below.trimmed()];
    if (bottom.compare(ONE) === 0) return Amount.of(top);
    return top.sign === 0 ? Amount.ZERO : new Amount(Decimal.ZERO, [{ above: top, below: bottom }]);
  }

  plus(other: Amount): Amount {
    if (this === Amount.ZERO) return other;
    const whole = this.whole.plus(other.whole);
    if (other.parts.length === 0) return new Amount(whole, this.parts);
    if (this.parts.length === 0) return new Amount(whole, other.parts);
    const parts = [...this.parts];
    for (const part of other.parts) {
      const at = parts.findIndex(({ below }) => below.compare(part.below) === 0);
      if (at < 0) parts.push(part);
      else parts[at] = { above: parts[at]!.above.plus(part.above), below: part.below };
    }
    return new Amount(
      whole,
      parts.filter(({ above }) => above.sign !== 0),
    );
  }

  /** The sum with a decimal: what a new price adds to a figure. */
  shifted(by: Decimal): Amount {
    return new Amount(this.whole.plus(by), this.parts);
  }

  minus(other: Amount): Amount {
    if (other.parts.length === 0) return new Amount(this.whole.minus(other.whole), this.parts);
    return this.plus(other.negated());
  }

  negated(): Amount {
    if (this.parts.length === 0) return new Amount(this.whole.negated(), NO_PARTS);
    return new Amount(
      this.whole.negated(),
      this.parts.map(({ above, below }) => ({ above: above.negated(), below })),
    );
  }

  times({ above, below }: Ratio): Amount {
    let product = Amount.quotient(this.whole.times(above), below);
    for (const part of this.parts)
      product = product.plus(Amount.quotient(part.above.times(above), part.below.times(below)));
    return product;
  }

  /** -1, 0 or 1. */
  get sign(): number {
    return this.parts.length === 0 ? this.whole.sign : this.rounded(INNER_DECIMALS).sign;
  }

  abs(): Amount {
    return this.sign < 0 ? this.negated() : this;
  }

  /** -1, 0 or 1, as this is below, equal to or above `other`. */
  compare(other: Amount): number {
    return this.minus(other).sign;
  }

  /** Rounded once, half away from zero, without zeros at the end. */
  rounded(decimals = SHOWN_DECIMALS): Decimal {
    if (this.parts.length === 0) return this.whole.round(decimals).trimmed();
    if (this.parts.length > EXACT_DIVISORS)
      return this.parts
        .reduce((sum, { above, below }) => sum.plus(above.dividedBy(below, INNER_DECIMALS)), this.whole)
        .round(decimals)
        .trimmed();
    let [top, bottom] = [this.whole, ONE];
    for (const { above, below } of this.parts) {
      top = top.times(below).plus(above.times(bottom));
      bottom = bottom.times(below);
    }
    return top.dividedBy(bottom, decimals);
  }

  /** Whether what is shown is the amount itself, and not rounded. */
  get isShownExactly(): boolean {
    return this.parts.length === 0 && this.whole.scale <= SHOWN_DECIMALS;
  }

  /** Plain digits with at most 18 decimals and without zeros at the end, but with at least `least` decimals. */
  shown(least = 0): string {
    if (least > 0) return this.withDecimals(least);
    return (this.text ??= this.shortText());
  }

  private shortText(): string {
    return this.isShownExactly ? this.whole.toShortString() : String(this.rounded());
  }

  private withDecimals(least: number): string {
    const { units, scale } = this.rounded();
    return String(scale >= least ? Decimal.of(units, scale) : Decimal.of(units * 10n ** BigInt(least - scale), least));
  }
}
