import { Decimal } from '#decimal';
import { Amount, type Ratio } from './amount.js';
import type { PositionFacts } from './facts.js';

const ONE = Decimal.of(1n);

/** How the price of a position becomes money. `size` is quantity x multiplier. */
export interface Contract {
  size: Decimal;
  inverse: boolean;
  valuation: 'premium' | 'margined' | 'memo';
}

export function contractOf({ quantity, multiplier, pricing, valuation = 'premium' }: PositionFacts): Contract {
  const times = multiplier === undefined ? ONE : Decimal.parse(multiplier);
  return {
    size: Decimal.parse(quantity).times(times.sign > 0 ? times : ONE),
    inverse: pricing === 'inverse',
    valuation,
  };
}

/** A price as it was written, in units of `factor` to one. */
export function priceIn(price: string, factor: Decimal = ONE): Ratio {
  return { above: Decimal.parse(price), below: factor };
}

/**
 * `size x u(price)`: the price itself, or for an inverse contract -1/price, in coin. Differences of it are profit.
 * Undefined where an inverse contract has no price above 0.
 */
export function worthOf(size: Decimal, inverse: boolean, { above, below }: Ratio): Amount | undefined {
  if (size.sign === 0) return Amount.ZERO;
  if (!inverse) return Amount.quotient(size.times(above), below);
  return above.sign > 0 ? Amount.quotient(size.times(below).negated(), above) : undefined;
}
