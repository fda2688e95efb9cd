import { Amount } from './amount.js';
import type { CurrencyAmounts } from './conversion.js';

/** The sum of one currency over portfolios. Null if one of them is null; `known` is the rest. */
export interface CurrencyTotal extends CurrencyAmounts {
  portfolios: number;
}

interface Row extends Omit<CurrencyTotal, 'value' | 'dayPnl'> {
  unknown: { value: number; dayPnl: number };
}

/** Totals by currency over portfolios. Adding and removing are exact, so one changed portfolio costs its own rows. */
export class CurrencyTotals {
  private readonly rows = new Map<string, Row>();

  add(rows: readonly CurrencyAmounts[]): void {
    for (const row of rows) this.move(row, 1);
  }

  remove(rows: readonly CurrencyAmounts[]): void {
    for (const row of rows) this.move(row, -1);
  }

  /** Sorted by currency. */
  list(): CurrencyTotal[] {
    return [...this.rows.values()]
      .filter(({ portfolios }) => portfolios > 0)
      .sort((a, b) => (a.currency < b.currency ? -1 : 1))
      .map(({ unknown, ...row }) => ({
        ...row,
        value: unknown.value > 0 ? null : row.known.value,
        dayPnl: unknown.dayPnl > 0 ? null : row.known.dayPnl,
      }));
  }

  private move({ currency, cash, value, dayPnl, known }: CurrencyAmounts, by: 1 | -1): void {
    let row = this.rows.get(currency);
    if (row === undefined) {
      const sums = { value: Amount.ZERO, dayPnl: Amount.ZERO };
      row = { currency, portfolios: 0, cash: Amount.ZERO, known: sums, unknown: { value: 0, dayPnl: 0 } };
      this.rows.set(currency, row);
    }
    const plus = (sum: Amount, amount: Amount) => (by === 1 ? sum.plus(amount) : sum.minus(amount));
    row.portfolios += by;
    row.cash = plus(row.cash, cash);
    row.known = { value: plus(row.known.value, known.value), dayPnl: plus(row.known.dayPnl, known.dayPnl) };
    if (value === null) row.unknown.value += by;
    if (dayPnl === null) row.unknown.dayPnl += by;
  }
}
