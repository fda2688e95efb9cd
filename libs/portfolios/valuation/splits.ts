import { Decimal } from '#decimal';
import type { AdjustmentFacts } from './facts.js';
import type { Ratio } from './amount.js';

const ONE = Decimal.of(1n);
/** Common ratios of splits and consolidations. */
const USUAL = ['1.5', '2', '3', '4', '5', '8', '10', '15', '20', '25', '50', '100'].map((text) => Decimal.parse(text));
/** Moves up or down by less than half are near to none of them: 1.45 is under 97 % of 1.5. */
const SMALL = Decimal.of(145n, 2);
/** How near to a usual ratio a price ratio looks like a split: 3 %. */
const [LOW, HIGH] = [Decimal.of(97n, 2), Decimal.of(103n, 2)];

/** How many units one unit of `day` has become by `now`: the product of the factors between. Days are YYYY-MM-DD. */
export function factorBetween(adjustments: readonly AdjustmentFacts[], day: string, now: string): Decimal {
  let factor = ONE;
  for (const { exDate, factor: next } of adjustments)
    if (exDate > day && exDate <= now) factor = factor.times(Decimal.parse(next));
  return factor;
}

/** Whether the price moved by about a usual ratio, up or down. Such a move over a session change is seldom a market move. */
export function looksLikeSplit(before: Ratio, now: Ratio): boolean {
  const [older, newer] = [before.above.times(now.below), now.above.times(before.below)];
  if (older.sign <= 0 || newer.sign <= 0) return false;
  if (newer.compare(older.times(SMALL)) < 0 && older.compare(newer.times(SMALL)) < 0) return false;
  return USUAL.some((ratio) => isNear(newer, older.times(ratio)) || isNear(newer.times(ratio), older));
}

function isNear(value: Decimal, aim: Decimal): boolean {
  return value.compare(aim.times(LOW)) >= 0 && value.compare(aim.times(HIGH)) <= 0;
}
