import type { Decimal } from '#decimal';
import { Amount } from './amount.js';
import { currencyUnit } from './currencies.js';
import type { ValuedPosition } from './position.js';

/** Sums of one major currency. `value` and `dayPnl` are of what is known; the counts say how many positions are not. */
export interface CurrencySum {
  currency: string;
  cash: Amount;
  value: Amount;
  dayPnl: Amount;
  /** By how much marks have moved its positions since the snapshot. */
  moved: Amount;
  /** Replaced and not written: sums that a price has moved share it with those of before. */
  unknown: Readonly<{ value: number; dayPnl: number; moved: number }>;
  positions: number;
}

/**
 * Sums by major currency. Adding and removing are exact, so a mark is the position of before taken away and that of
 * after added: it costs the same however many positions there are.
 */
export class CurrencySums {
  /** A list, since most portfolios have one currency: a desk keeps sums of each. */
  private rows: CurrencySum[] = [];

  addCash(currency: string, amount: Amount): void {
    const { major, factor } = currencyUnit(currency);
    const row = this.row(major);
    const cash = amount.times({ above: factor, below: ONE });
    row.cash = row.cash.plus(cash);
    row.value = row.value.plus(cash);
  }

  add(position: ValuedPosition): void {
    this.move(position, 1);
  }

  remove(position: ValuedPosition): void {
    this.move(position, -1);
  }

  /** Takes in that the price of a position has moved it `by`, in its own currency: the same as to remove it and to add it again. */
  shift({ unit, currency, value, dayPnl, moved }: Figures, by: Decimal): void {
    const { major, factor } = unit;
    const row = this.row(major);
    const inMajor = major === currency ? by : by.times(factor);
    if (value !== null) row.value = row.value.shifted(inMajor);
    if (dayPnl !== null) row.dayPnl = row.dayPnl.shifted(inMajor);
    if (moved !== null) row.moved = row.moved.shifted(inMajor);
  }

  /** The same sums, which can be changed by themselves. */
  copy(): CurrencySums {
    const copy = new CurrencySums();
    copy.rows = this.rows.map((row) => ({ ...row }));
    return copy;
  }

  /** Sorted by currency. Leaves out currencies with neither cash nor a position. */
  list(): CurrencySum[] {
    return this.rows
      .filter(({ positions, cash }) => positions > 0 || cash.sign !== 0)
      .sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }

  private move(position: ValuedPosition, by: 1 | -1): void {
    const { major, factor } = position.unit;
    const row = this.row(major);
    row.positions += by;
    for (const field of FIELDS) {
      const amount = position[field];
      if (amount === null) row.unknown = { ...row.unknown, [field]: row.unknown[field] + by };
      else {
        const inMajor = major === position.currency ? amount : amount.times({ above: factor, below: ONE });
        row[field] = by === 1 ? row[field].plus(inMajor) : row[field].minus(inMajor);
      }
    }
  }

  private row(currency: string): CurrencySum {
    for (const row of this.rows) if (row.currency === currency) return row;
    const row = emptySum(currency);
    this.rows.push(row);
    return row;
  }
}

const FIELDS = ['value', 'dayPnl', 'moved'] as const;
type Figures = Pick<ValuedPosition, 'unit' | 'currency' | (typeof FIELDS)[number]>;
const ONE = currencyUnit('').factor;

function emptySum(currency: string): CurrencySum {
  const [cash, value, dayPnl, moved] = [Amount.ZERO, Amount.ZERO, Amount.ZERO, Amount.ZERO];
  return { currency, cash, value, dayPnl, moved, unknown: { value: 0, dayPnl: 0, moved: 0 }, positions: 0 };
}
