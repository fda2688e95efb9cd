import { Decimal } from '#decimal';
import type { VenueName } from '#venues';
import type { DayFacts } from '../valuation/facts.js';
import { digitsOf, type IgnoredRows, type ReadPosition, readPosition } from './export-reading.js';

/** A row of positions of an Indian broker: what was carried into the day, what was traded since. Values are with the multiplier. */
export interface DayRow {
  symbol: string;
  exchange: string;
  key: string;
  product: string;
  quantity: Decimal;
  open: Decimal;
  /** Undefined: the row says nothing of the trades of the day. */
  bought: { quantity: Decimal; value: Decimal } | undefined;
  sold: { quantity: Decimal; value: Decimal } | undefined;
  average: Decimal | undefined;
  last: Decimal | undefined;
  close: Decimal | undefined;
  multiplier: Decimal | undefined;
  future: boolean;
}

/** A holding as the day began. */
export interface HeldRow {
  symbol: string;
  exchange: string;
  key: string;
  quantity: Decimal;
  average: Decimal | undefined;
  last: Decimal | undefined;
  close: Decimal | undefined;
}

export interface ExchangeBook {
  positions: ReadPosition[];
  ignored: IgnoredRows[];
  notes: string[];
}

const CASH_MARKETS = new Set(['NSE', 'BSE']);
const VENUES: Record<string, VenueName> = {
  NSE: 'NSE',
  NFO: 'NSE',
  CDS: 'NSE',
  BSE: 'BSE',
  BFO: 'BSE',
  BCD: 'BSE',
  MCX: 'MCX',
};

/**
 * Positions of holdings and trades. Shares that are sold out of a holding appear as a negative row of the delivery product:
 * a sale, and not a short. They are merged by exchange, symbol and product.
 * @param delivery product of shares that are held: CNC, D, DELIVERY
 */
export function exchangeBook(rows: readonly DayRow[], held: readonly HeldRow[], delivery: string): ExchangeBook {
  const book: ExchangeBook = { positions: [], ignored: [], notes: [] };
  const waiting = new Map<string, HeldRow>();
  for (const holding of held) {
    const name = nameOf(holding);
    const known = waiting.get(name);
    waiting.set(name, known === undefined ? holding : joined(known, holding));
  }
  let idle = 0;
  for (const row of rows) {
    const isDelivery = row.product === delivery && CASH_MARKETS.has(row.exchange);
    const holding = isDelivery ? takeHolding(waiting, row) : undefined;
    if (holding !== undefined) book.positions.push(traded(row, holding, delivery));
    else if (isDelivery && row.quantity.sign < 0) book.positions.push(soldOut(row, book.notes));
    else if (isIdle(row)) idle += 1;
    else book.positions.push(plain(row, book.notes));
  }
  for (const holding of waiting.values()) {
    if (holding.quantity.sign === 0) idle += 1;
    else book.positions.push(untouched(holding, delivery));
  }
  if (idle > 0) book.ignored.push({ rows: 'without a quantity and without a trade of the day', count: idle });
  return book;
}

const nameOf = ({ exchange, symbol }: { exchange: string; symbol: string }) => `${exchange}:${symbol}`;

/** The holding that was traded: of the same exchange, else of the other one, because a share may be sold on both. */
function takeHolding(waiting: Map<string, HeldRow>, row: DayRow): HeldRow | undefined {
  const own = nameOf(row);
  const name = waiting.has(own) ? own : nameOf({ ...row, exchange: row.exchange === 'NSE' ? 'BSE' : 'NSE' });
  const holding = waiting.get(name);
  if (holding === undefined || (name !== own && row.quantity.sign >= 0)) return undefined;
  waiting.delete(name);
  return holding;
}

function joined(one: HeldRow, other: HeldRow): HeldRow {
  const quantity = one.quantity.plus(other.quantity);
  return { ...one, quantity, average: averageOf([one, other], quantity) };
}

function averageOf(
  parts: readonly { quantity: Decimal; average: Decimal | undefined }[],
  quantity: Decimal,
): Decimal | undefined {
  if (quantity.sign === 0 || parts.some(({ average }) => average === undefined)) return undefined;
  const cost = parts.reduce((sum, part) => sum.plus(part.quantity.times(part.average!)), Decimal.ZERO);
  return cost.dividedBy(quantity, 18);
}

function identity({ symbol, key, exchange }: { symbol: string; key: string; exchange: string }, leg: string) {
  const venue = VENUES[exchange];
  return { id: { symbol, key, leg }, of: venue === undefined ? {} : { venue } };
}

/** A holding with its trades of the day. */
function traded(row: DayRow, holding: HeldRow, delivery: string): ReadPosition {
  const nothing = { quantity: Decimal.ZERO, value: Decimal.ZERO };
  const { bought = nothing, sold = nothing } = row;
  const had = holding.quantity.plus(bought.quantity);
  const { id, of } = identity(holding, delivery);
  const cost =
    bought.quantity.sign === 0 || had.sign === 0
      ? holding.average
      : holding.average && holding.average.times(holding.quantity).plus(bought.value).dividedBy(had, 18);
  const quantity = had.minus(sold.quantity);
  const amounts = { quantity, average: cost, last: row.last ?? holding.last, close: holding.close ?? row.close };
  return readPosition(id, amounts, { ...of, day: dayOf(holding.quantity, bought, sold) });
}

/** Shares cannot be sold short for delivery, so what was sold was held, whether or not the holdings were sent. */
function soldOut(row: DayRow, notes: string[]): ReadPosition {
  const { id, of } = identity(row, row.product);
  const nothing = { quantity: Decimal.ZERO, value: Decimal.ZERO };
  const { bought = nothing, sold = { quantity: row.quantity.negated(), value: Decimal.ZERO } } = row;
  const open = sold.quantity.minus(bought.quantity);
  notes.push(
    `${digitsOf(open)} ${row.symbol} were sold out of a holding that is not in the documents; it counts as sold completely.`,
  );
  const amounts = { quantity: Decimal.ZERO, last: row.last, close: row.close };
  return readPosition(id, amounts, { ...of, ...(row.sold && { day: dayOf(open, bought, sold) }) });
}

function untouched(holding: HeldRow, delivery: string): ReadPosition {
  const { id, of } = identity(holding, delivery);
  return readPosition(id, holding, { ...of, day: { openQuantity: digitsOf(holding.quantity) } });
}

function plain(row: DayRow, notes: string[]): ReadPosition {
  const { id, of } = identity(row, row.product);
  const more = { ...of, ...(row.future && { valuation: 'margined' as const }) };
  const day = dayFactsOf(row);
  if (day === undefined)
    notes.push(
      `The trades of ${row.symbol} do not add up to its quantity ${digitsOf(row.quantity)}; its P&L of the day is not computed from them.`,
    );
  return readPosition(id, row, { ...more, ...(day && { day }) });
}

/** What the row says of the day; undefined if it does not add up. */
function dayFactsOf({ quantity, open, bought, sold }: DayRow): DayFacts | undefined {
  if (bought === undefined && sold === undefined)
    return open.compare(quantity) === 0 || open.sign === 0 ? { openQuantity: digitsOf(open) } : undefined;
  const nothing = { quantity: Decimal.ZERO, value: Decimal.ZERO };
  const [buys, sells] = [bought ?? nothing, sold ?? nothing];
  const balanced = open.plus(buys.quantity).minus(sells.quantity).compare(quantity) === 0;
  const valued = [buys, sells].every((side) => side.quantity.sign > 0 || side.value.sign === 0);
  return balanced && valued ? dayOf(open, buys, sells) : undefined;
}

type Side = { quantity: Decimal; value: Decimal };

function dayOf(open: Decimal, bought: Side, sold: Side): DayFacts {
  return {
    openQuantity: digitsOf(open),
    buyQuantity: digitsOf(bought.quantity),
    buyValue: digitsOf(bought.value),
    sellQuantity: digitsOf(sold.quantity),
    sellValue: digitsOf(sold.value),
  };
}

function isIdle({ quantity, open, bought, sold }: DayRow): boolean {
  return [quantity, open, bought?.quantity, sold?.quantity].every(
    (amount) => amount === undefined || amount.sign === 0,
  );
}
