import type { PortfolioRow } from './portfolios.repository.js';
import { CurrencySums } from './valuation/currency-sums.js';
import { movedPosition } from './valuation/moved-position.js';
import { addCashOf, type ValuedPortfolio } from './valuation/portfolio.js';
import { type ValuedPosition, valuePosition } from './valuation/position.js';
import type { PositionInput } from './valuation/priced-position.js';

/** A stored portfolio and what it is worth. */
export interface PortfolioWorth {
  row: PortfolioRow;
  valued: ValuedPortfolio;
  positions: ValuedPosition[];
  /** What the positions were valued from, in the same order. */
  inputs: readonly PositionInput[];
  /** Of its cash and positions. */
  sums: CurrencySums;
}

/** Positions and sums of a portfolio that was read. */
export function valuedAnew(row: PortfolioRow, inputs: readonly PositionInput[]) {
  const positions = inputs.map(valuePosition);
  const sums = new CurrencySums();
  addCashOf(row, sums);
  for (const position of positions) sums.add(position);
  return { positions, sums };
}

/**
 * Takes the positions that changed out of the sums of before and adds them anew: what did not change costs nothing.
 * @param anew those of which more than the price may have changed
 */
export function valuedAgain(
  before: PortfolioWorth,
  inputs: readonly PositionInput[],
  anew: ReadonlySet<PositionInput>,
) {
  const sums = before.sums.copy();
  const positions = before.positions.slice();
  for (const [at, input] of inputs.entries()) {
    const was = before.inputs[at]!;
    if (input === was) continue;
    const position = positions[at]!;
    sums.remove(position);
    const moved = anew.has(input) ? undefined : movedPosition(position, was, input);
    sums.add((positions[at] = moved ?? valuePosition(input)));
  }
  return { positions, sums };
}
