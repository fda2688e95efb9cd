import type { PortfolioRow } from './portfolios.repository.js';
import { CurrencySums } from './valuation/currency-sums.js';
import { movedPosition } from './valuation/moved-position.js';
import { addCashOf, type ValuedPortfolio } from './valuation/portfolio.js';
import { type ValuedPosition, valuePosition } from './valuation/position.js';
import type { PositionInput } from './valuation/priced-position.js';

/** A stored portfolio whose positions are valued: what a desk keeps of it. */
export interface KeptWorth {
  row: PortfolioRow;
  positions: ValuedPosition[];
  /** What the positions were valued from, in the same order. What later quotes have moved keeps the quote that it was valued by. */
  inputs: readonly PositionInput[];
  /** The contracts of the positions, in the same order, as `broker key`. */
  contracts: readonly string[];
  /** Of its cash and positions. */
  sums: CurrencySums;
}

/** A stored portfolio and what it is worth. */
export interface PortfolioWorth extends KeptWorth {
  valued: ValuedPortfolio;
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
 * A portfolio after quotes: moves the sums of before by the positions that changed, and what did not change costs nothing. The
 * inputs are copied for what is valued anew only, which few quotes do.
 */
export class WorthDraft {
  readonly positions: ValuedPosition[];
  readonly sums: CurrencySums;
  private copy: PositionInput[] | undefined;

  constructor(readonly before: KeptWorth) {
    this.positions = before.positions.slice();
    this.sums = before.sums.copy();
  }

  get inputs(): readonly PositionInput[] {
    return this.copy ?? this.before.inputs;
  }

  /** Takes in a later quote of the session of the last one. @returns false if more than the price may differ */
  move(at: number, input: PositionInput): boolean {
    const position = this.positions[at]!;
    const moved = movedPosition(position, this.inputs[at]!, input);
    if (moved === undefined) return false;
    this.positions[at] = moved;
    this.sums.shift(moved.base, moved.since(position));
    return true;
  }

  value(at: number, input: PositionInput): void {
    (this.copy ??= this.before.inputs.slice())[at] = input;
    this.sums.remove(this.positions[at]!);
    this.sums.add((this.positions[at] = valuePosition(input)));
  }
}
