import { Amount, type Ratio } from './amount.js';
import { currencyUnit } from './currencies.js';
import type { Incomplete } from './incomplete.js';
import type { RatePath, RateTable } from './rate-table.js';

/** What belongs to one major currency. An amount is null if a position of it is unknown; `known` is the rest. */
export interface CurrencyAmounts {
  currency: string;
  cash: Amount;
  value: Amount | null;
  dayPnl: Amount | null;
  known: { value: Amount; dayPnl: Amount };
}

/** Amounts of several currencies in one. A total is null if a row is null or has no rate. */
export interface ConvertedTotal {
  value: Amount | null;
  dayPnl: Amount | null;
  known: { value: Amount; dayPnl: Amount };
  /** The rates used. */
  paths: RatePath[];
  incomplete: Incomplete[];
}

const ONE = currencyUnit('').factor;
const SAME: Ratio = { above: ONE, below: ONE };

/** Converts amounts of major currencies to `to`, which may be a minor unit. */
export class Conversion {
  private readonly major: string;
  private readonly toUnit: Ratio;

  constructor(
    to: string,
    private readonly rates: RateTable,
  ) {
    const { major, factor } = currencyUnit(to);
    this.major = major;
    this.toUnit = { above: ONE, below: factor };
  }

  /** Whether no rate is needed. */
  isOwn(from: string): boolean {
    return from === this.major;
  }

  path(from: string): RatePath | undefined {
    return this.isOwn(from) ? undefined : this.rates.find(from, this.major);
  }

  /** The rate of an amount; undefined if there is none. */
  rate(from: string): Ratio | undefined {
    return this.isOwn(from) ? SAME : this.path(from)?.rate;
  }

  amount(amount: Amount, rate: Ratio): Amount {
    if (rate === SAME && this.toUnit.below === ONE) return amount;
    return amount.times(rate).times(this.toUnit);
  }

  total(rows: readonly CurrencyAmounts[]): ConvertedTotal {
    const total: ConvertedTotal = {
      value: Amount.ZERO,
      dayPnl: Amount.ZERO,
      known: { value: Amount.ZERO, dayPnl: Amount.ZERO },
      paths: [],
      incomplete: [],
    };
    for (const row of rows) this.add(total, row);
    return total;
  }

  private add(total: ConvertedTotal, row: CurrencyAmounts): void {
    const { currency } = row;
    // Nothing of a currency is nothing in any other.
    if (row.value?.sign === 0 && row.dayPnl?.sign === 0) return;
    const path = this.path(currency);
    const rate = this.rate(currency);
    if (rate === undefined) {
      total.value = total.dayPnl = null;
      total.incomplete.push({ currency, reason: 'no_rate' });
      return;
    }
    if (path !== undefined) {
      total.paths.push(path);
      if (path.stale) total.incomplete.push({ currency, reason: 'rate_stale' });
    }
    for (const field of ['value', 'dayPnl'] as const) {
      const amount = row[field];
      const sum = total[field];
      total.known[field] = total.known[field].plus(this.amount(row.known[field], rate));
      if (amount === null) {
        total[field] = null;
        total.incomplete.push({ currency, field, reason: 'positions_incomplete' });
      } else if (sum !== null) total[field] = sum.plus(this.amount(amount, rate));
    }
  }
}
