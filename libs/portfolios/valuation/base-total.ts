import { Amount } from './amount.js';
import { Conversion, type ConvertedTotal, type CurrencyAmounts } from './conversion.js';
import type { Incomplete } from './incomplete.js';
import type { RateTable } from './rate-table.js';

/** All currencies in one. Day P&L is local profit at the rates of now; what the rates moved stands beside it. */
export interface BaseTotal extends ConvertedTotal {
  currency: string;
  /** (Value - day P&L) x (rate now - rate at its previous close). The two sum to the change of value in `currency`. */
  fxPnl: Amount | null;
}

export function baseTotal(rows: readonly CurrencyAmounts[], currency: string, rates: RateTable): BaseTotal {
  const conversion = new Conversion(currency, rates);
  const total = conversion.total(rows);
  const { fxPnl, missing } = fxPnlOf(rows, conversion);
  return { ...total, currency, fxPnl, incomplete: [...total.incomplete, ...missing] };
}

function fxPnlOf(rows: readonly CurrencyAmounts[], conversion: Conversion) {
  let fxPnl: Amount | null = Amount.ZERO;
  const missing: Incomplete[] = [];
  for (const { currency, value, dayPnl } of rows) {
    if (value === null || dayPnl === null) {
      fxPnl = null;
      continue;
    }
    const start = value.minus(dayPnl);
    const path = conversion.path(currency);
    if (start.sign === 0 || conversion.isOwn(currency)) continue;
    if (path === undefined || path.close === null) {
      fxPnl = null;
      if (path !== undefined) missing.push({ currency, field: 'fxPnl', reason: 'no_previous_close' });
      continue;
    }
    const moved = conversion.amount(start, path.rate).minus(conversion.amount(start, path.close));
    fxPnl = fxPnl && fxPnl.plus(moved);
  }
  return { fxPnl, missing };
}
