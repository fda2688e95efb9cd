import { Decimal } from '#decimal';

export type Direction = 'up' | 'down' | 'either';

const HUNDRED = Decimal.of(100n);

/**
 * Whether a price moved from `from` to `to` by at least `by`, exactly. Percent is |to - from| * 100 >= by * |from|, so
 * nothing is divided. A move from 0 has no percentage.
 */
export function hasMoved(
  from: Decimal,
  to: Decimal,
  by: Decimal,
  unit: 'percent' | 'absolute',
  direction: Direction,
): boolean {
  const change = to.minus(from);
  if (direction === 'up' ? change.sign <= 0 : direction === 'down' ? change.sign >= 0 : change.sign === 0) return false;
  if (unit === 'absolute') return change.abs().compare(by) >= 0;
  return from.sign !== 0 && change.abs().times(HUNDRED).compare(by.times(from.abs())) >= 0;
}
