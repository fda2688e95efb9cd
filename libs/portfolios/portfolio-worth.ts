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
  /** The contracts of the positions, in the same order, as `broker key`. */
  contracts: readonly string[];
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
 * Moves the sums of before by the positions that changed: what did not change costs nothing.
 * @param changed places of the positions whose inputs changed
 * @param anew inputs of which more than the price may have changed
 */
export function valuedAgain(
  before: PortfolioWorth,
  inputs: readonly PositionInput[],
  changed: readonly number[],
  anew: ReadonlySet<PositionInput>,
) {
  const sums = before.sums.copy();
  const positions = before.positions.slice();
  for (const at of changed) {
    const [input, position] = [inputs[at]!, positions[at]!];
    const moved = anew.has(input) ? undefined : movedPosition(position, before.inputs[at]!, input);
    if (moved !== undefined) {
      positions[at] = moved;
      sums.shift(moved.base, moved.since(position));
      continue;
    }
    sums.remove(position);
    sums.add((positions[at] = valuePosition(input)));
  }
  return { positions, sums };
}
