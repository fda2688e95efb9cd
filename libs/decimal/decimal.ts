import { z } from 'zod';
import { publishSchemas } from '#schemas';

const WRITTEN = /^[+-]?\d{1,120}(?:\.\d{1,100})?(?:[eE][+-]?\d{1,3})?$/;
/** Most decimals, and most zeros that an exponent may add: `1e999` must not become a thousand digits. */
const WIDEST = 100;
/** Characters of a number that a double holds exactly, with sign and point. */
const SHORT = 15;
const [MINUS, POINT, ZERO, NINE] = [...'-.09'].map((sign) => sign.charCodeAt(0)) as [number, number, number, number];
/** Doubles hold all whole numbers up to here. */
const MOST = Number.MAX_SAFE_INTEGER;
const SAFE = BigInt(MOST);
const POWERS = Array.from({ length: WIDEST + 1 }, (_, exponent) => 10n ** BigInt(exponent));
/** The powers of ten that are safe as numbers. */
const SHORT_POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** A whole number: a number if it is safe, else a bigint, so that equal ones are the same value. Never -0. */
export type Whole = number | bigint;

/**
 * An exact decimal: `units` x 10^-`scale`. Immutable. Sums and products are exact; a quotient is rounded once. As in
 * PostgreSQL's numeric, a number keeps the decimals it was written with: 1.50 + 1 is 2.50.
 */
export class Decimal {
  private constructor(
    /** Prices and amounts are nearly always safe numbers: these are several times as fast as bigints and make less garbage. */
    private readonly whole: Whole,
    /** Digits after the point, 0 or more. */
    readonly scale: number,
  ) {}

  static readonly ZERO = new Decimal(0, 0);

  /** @param scale digits after the point, 0 or more: `Decimal.of(1250n, 2)` is 12.50 */
  static of(units: bigint, scale = 0): Decimal {
    return new Decimal(wholeOf(units), scale);
  }

  get units(): bigint {
    return BigInt(this.whole);
  }

  /** A decimal string or a JSON number. Undefined for anything else: `1,000`, `0x10`, ` 1`, NaN, or more than 120 digits before the point. */
  static read(value: unknown): Decimal | undefined {
    if (typeof value !== 'string' && typeof value !== 'number') return undefined;
    const text = String(value);
    const short = Decimal.readShort(text);
    if (short !== undefined) return short;
    if (!WRITTEN.test(text)) return undefined;
    const mark = Math.max(text.indexOf('e'), text.indexOf('E'));
    const digits = mark < 0 ? text : text.slice(0, mark);
    const point = digits.indexOf('.');
    const units = BigInt(point < 0 ? digits : digits.slice(0, point) + digits.slice(point + 1));
    const scale = (point < 0 ? 0 : digits.length - point - 1) - (mark < 0 ? 0 : Number(text.slice(mark + 1)));
    if (scale >= 0) return scale > WIDEST ? undefined : Decimal.of(units, scale);
    return scale < -WIDEST ? undefined : Decimal.of(units * power(-scale), 0);
  }

  /**
   * Parses a decimal string that is known to be valid, for example a numeric of PostgreSQL. @throws RangeError if it is
   * not
   */
  static parse(text: string): Decimal {
    const decimal = Decimal.read(text);
    if (decimal === undefined) throw new RangeError(`${JSON.stringify(text.slice(0, 60))} is not a decimal number.`);
    return decimal;
  }

  /** Reads a short decimal in a quarter of the time; undefined for anything else. */
  private static readShort(text: string): Decimal | undefined {
    const units = shortUnits(text);
    if (Number.isNaN(units)) return undefined;
    const point = text.indexOf('.');
    return new Decimal(units, point < 0 ? 0 : text.length - point - 1);
  }

  plus(other: Decimal): Decimal {
    if (this.scale === other.scale) return new Decimal(sum(this.whole, other.whole), this.scale);
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(sum(this.wholeAt(scale), other.wholeAt(scale)), scale);
  }

  minus(other: Decimal): Decimal {
    if (this.scale === other.scale) return new Decimal(sum(this.whole, negative(other.whole)), this.scale);
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(sum(this.wholeAt(scale), negative(other.wholeAt(scale))), scale);
  }

  times(other: Decimal): Decimal {
    return new Decimal(product(this.whole, other.whole), this.scale + other.scale);
  }

  /**
   * The quotient, rounded half away from zero, with at most `decimals` digits after the point. Subtract and multiply first
   * and divide last: 12000 x (1/60000 - 1/64000) is wrong in the last digits, 12000 x 4000 / (60000 x 64000) is not.
   * @throws RangeError if `other` is 0
   */
  dividedBy(other: Decimal, decimals = 30): Decimal {
    if (other.units === 0n) throw new RangeError('A decimal cannot be divided by 0.');
    const shift = decimals + other.scale - this.scale;
    const [above, below] =
      shift >= 0 ? [this.units * power(shift), other.units] : [this.units, other.units * power(-shift)];
    return Decimal.of(rounded(above, below), decimals).trimmed();
  }

  negated(): Decimal {
    return new Decimal(negative(this.whole), this.scale);
  }

  abs(): Decimal {
    return this.whole < 0 ? this.negated() : this;
  }

  /** -1, 0 or 1. */
  get sign(): number {
    return this.whole < 0 ? -1 : this.whole > 0 ? 1 : 0;
  }

  /** -1, 0 or 1, as this is below, equal to or above `other`. 1.0 equals 1. */
  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const [mine, others] = [this.wholeAt(scale), other.wholeAt(scale)];
    return mine < others ? -1 : mine > others ? 1 : 0;
  }

  /** At most `decimals` digits after the point, half away from zero as PostgreSQL's round(numeric) does: 2.5 is 3, -2.5 is -3. */
  round(decimals: number): Decimal {
    if (this.scale <= decimals) return this;
    return Decimal.of(rounded(this.units, power(this.scale - decimals)), decimals);
  }

  /** Without zeros at the end of the fraction: 1.50 as 1.5, 3.00 as 3. */
  trimmed(): Decimal {
    let { scale } = this;
    if (typeof this.whole === 'number') {
      let small = this.whole;
      for (; scale > 0 && small % 10 === 0; scale--) small /= 10;
      return scale === this.scale ? this : new Decimal(small, scale);
    }
    let units = this.whole;
    for (; scale > 0 && units % 10n === 0n; scale--) units /= 10n;
    return scale === this.scale ? this : Decimal.of(units, scale);
  }

  /** Digits with `scale` decimals, never an exponent, never -0. */
  toString(): string {
    const text = this.whole.toString();
    if (this.scale === 0) return text;
    const digits = (this.whole < 0 ? text.slice(1) : text).padStart(this.scale + 1, '0');
    return `${this.whole < 0 ? '-' : ''}${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`;
  }

  /**
   * As `trimmed().toString()`: what a screen shows, made some ten times for each quote. A double is written as the shortest decimal
   * that means it, which is this one if it has at most 15 digits. One string and not a chain of slices: most are kept by a row.
   */
  toShortString(): string {
    const { whole, scale } = this;
    if (typeof whole === 'number' && Math.abs(whole) < SHORT_POWERS[SHORT]!) {
      const short = whole / (SHORT_POWERS[scale] ?? Infinity);
      // Smaller ones are written with an exponent.
      if (whole === 0 || Math.abs(short) >= 1e-6) return String(short);
    }
    return this.trimmed().toString();
  }

  toJSON(): string {
    return this.toString();
  }

  private wholeAt(scale: number): Whole {
    const by = scale - this.scale;
    if (by === 0) return this.whole;
    return product(this.whole, SHORT_POWERS[by] ?? power(by));
  }
}

/**
 * 26 digits before the point and 18 after it: the smallest unit of ether has 18. Columns are numeric without a scale.
 */
const IN_REQUESTS = /^-?(?:0|[1-9]\d{0,25})(?:\.\d{1,18})?$/;

/** Money, a price or a quantity in a request: a decimal string, never a JSON number (a double cannot hold 0.1). */
export const decimalString = z
  .string({ error: 'a decimal string such as "1234.50" (a string, not a number)' })
  .regex(IN_REQUESTS, { error: 'a decimal string such as "1234.50": at most 26 digits, a point and 18 digits' });

/** An exact amount in an answer. Sums and products can have more digits than a request may. */
export const decimalText = z.string().regex(/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/);

/** A decimal string that is not negative. */
export const nonNegativeDecimal = decimalString.refine((value) => !value.startsWith('-'), {
  error: 'a decimal string that is not negative, such as "1234.50"',
});

/** The digits of a decimal that fit a double exactly, as a whole number; NaN for anything else. */
export function shortUnits(text: string): number {
  if (text.length > SHORT) return NaN;
  let [units, point, at] = [0, -1, 0];
  const negated = text.charCodeAt(0) === MINUS;
  if (negated) at = 1;
  const first = at;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) units = units * 10 + code - ZERO;
    else if (code === POINT && point < 0 && at > first) point = at;
    else return NaN;
  }
  if (at === first || point === text.length - 1) return NaN;
  return negated ? 0 - units : units;
}

function power(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent);
}

function wholeOf(units: bigint): Whole {
  return units >= -SAFE && units <= SAFE ? Number(units) : units;
}

function negative(whole: Whole): Whole {
  return typeof whole === 'number' ? 0 - whole : -whole;
}

export function sum(one: Whole, other: Whole): Whole {
  if (typeof one === 'number' && typeof other === 'number') {
    const small = one + other;
    if (small >= -MOST && small <= MOST) return small;
  }
  return wholeOf(BigInt(one) + BigInt(other));
}

/** A product of doubles that rounds to a safe number is exact. */
export function product(one: Whole, other: Whole): Whole {
  if (typeof one === 'number' && typeof other === 'number') {
    const small = one * other;
    if (small >= -MOST && small <= MOST) return small + 0;
  }
  return wholeOf(BigInt(one) * BigInt(other));
}

/** above / below as a whole number, half away from zero. */
function rounded(above: bigint, below: bigint): bigint {
  const negated = above < 0n !== below < 0n;
  const [size, by] = [above < 0n ? -above : above, below < 0n ? -below : below];
  const quotient = (size * 2n + by) / (by * 2n);
  return negated ? -quotient : quotient;
}

publishSchemas({
  Decimal: decimalText,
  DecimalInput: decimalString,
});
