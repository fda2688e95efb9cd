/** A number as it was written: digits and how many of them stand behind the point. Doubles cannot hold 0.1. */
export interface ExactDecimal {
  readonly digits: bigint;
  readonly scale: number;
}

const WRITTEN = /^([+-]?)(\d{1,60})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,3}))?$/;
const WIDEST = 100;

/** Of a decimal string or a JSON number; undefined for anything else (`1,000`, `0x10`, ` 1`, NaN). */
export function exactDecimal(value: unknown): ExactDecimal | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const match = WRITTEN.exec(String(value));
  if (match === null) return undefined;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const digits = BigInt(whole! + fraction) * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  if (Math.abs(scale) > WIDEST) return undefined;
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** Negative, zero or positive, as a is below, at or above b. */
export function compareDecimals(a: ExactDecimal, b: ExactDecimal): number {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

export type Direction = 'up' | 'down' | 'either';

/**
 * Whether a price moved from `from` to `to` by at least `by`, exactly: percent is asked as |to - from| * 100 >= by * |from|,
 * so nothing is divided. From 0 no percentage is known.
 */
export function hasMoved(
  from: ExactDecimal,
  to: ExactDecimal,
  by: ExactDecimal,
  unit: 'percent' | 'absolute',
  direction: Direction,
): boolean {
  const [start, end, scale] = aligned(from, to);
  const change = end - start;
  if (direction === 'up' ? change <= 0n : direction === 'down' ? change >= 0n : change === 0n) return false;
  const size = { digits: change < 0n ? -change : change, scale };
  if (unit === 'absolute') return compareDecimals(size, by) >= 0;
  if (start === 0n) return false;
  const base = start < 0n ? -start : start;
  return (
    compareDecimals({ digits: size.digits * 100n, scale }, { digits: by.digits * base, scale: by.scale + scale }) >= 0
  );
}

function aligned(a: ExactDecimal, b: ExactDecimal): [bigint, bigint, number] {
  if (a.scale === b.scale) return [a.digits, b.digits, a.scale];
  if (a.scale < b.scale) return [a.digits * 10n ** BigInt(b.scale - a.scale), b.digits, b.scale];
  return [a.digits, b.digits * 10n ** BigInt(a.scale - b.scale), a.scale];
}
