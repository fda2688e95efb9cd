import { Decimal } from '#decimal';
import { Amount } from './amount.js';
import type { DayFacts } from './facts.js';
import type { BlockingReason } from './incomplete.js';

/** What the day P&L of a position was computed from, best first. */
export type DayBasis = 'broker' | 'trades' | 'opened-today' | 'overnight' | 'assumed-overnight';

/** The session so far: quantity at its start, money paid in trades, money received for holding. */
export interface DayTrades {
  basis: DayBasis;
  openQuantity: Decimal;
  paid: Amount;
  income: Amount;
}

const read = (text: string | undefined): Decimal => (text === undefined ? Decimal.ZERO : Decimal.parse(text));

/**
 * @param day undefined if nothing is said of the session, or if the snapshot is of an earlier one
 * @param worthAtAverage quantity at its average price; undefined if that is not known
 */
export function dayTradesOf(
  day: DayFacts | undefined,
  quantity: Decimal,
  inverse: boolean,
  worthAtAverage: Amount | undefined,
): DayTrades | BlockingReason {
  if (day === undefined)
    return { basis: 'assumed-overnight', openQuantity: quantity, paid: Amount.ZERO, income: Amount.ZERO };
  const [openQuantity, bought, sold] = [read(day.openQuantity), read(day.buyQuantity), read(day.sellQuantity)];
  const income = Amount.of(read(day.income));
  const silent = [day.buyQuantity, day.buyValue, day.sellQuantity, day.sellValue].every((text) => text === undefined);
  if (silent && openQuantity.compare(quantity) === 0)
    return { basis: 'overnight', openQuantity, paid: Amount.ZERO, income };
  if (openQuantity.sign === 0 && day.buyValue === undefined && day.sellValue === undefined)
    return worthAtAverage === undefined
      ? 'average_unknown'
      : { basis: 'opened-today', openQuantity, paid: worthAtAverage, income };
  const [buyValue, sellValue] = [read(day.buyValue), read(day.sellValue)];
  if (
    openQuantity.plus(bought).minus(sold).compare(quantity) !== 0 ||
    !pairs(bought, day.buyValue, buyValue) ||
    !pairs(sold, day.sellValue, sellValue)
  )
    return 'day_trades_disagree';
  // A coin that is paid for an inverse contract is paid when it is sold.
  const paid = Amount.of(inverse ? sellValue.minus(buyValue) : buyValue.minus(sellValue));
  return { basis: 'trades', openQuantity, paid, income };
}

/** Trades have a value, and what was not traded has none. */
function pairs(quantity: Decimal, sent: string | undefined, value: Decimal): boolean {
  return quantity.sign === 0 ? value.sign === 0 : sent !== undefined;
}
