import { Decimal } from '#decimal';
import { type ReadPosition, readPosition } from './export-reading.js';

/** A purchase or a sale of a ledger. */
export interface LedgerTrade {
  key: string;
  symbol: string;
  currency: string;
  /** Time or day; sorts as text. */
  at: string;
  /** Below 0 for a sale. */
  quantity: Decimal;
  /** Undefined for shares that came without a price. */
  price: Decimal | undefined;
}

interface Holding {
  quantity: Decimal;
  /** Undefined once shares came without a price. */
  average: Decimal | undefined;
  trade: LedgerTrade;
}

/**
 * What a ledger leaves: each security at its average cost, without a price, because a ledger has prices of trades only. A sale keeps the
 * average; one beyond zero opens a short position at its price. Trades of one moment count in the order of the ledger.
 */
export function averageCosts(trades: readonly LedgerTrade[]): { positions: ReadPosition[]; closed: number } {
  const holdings = new Map<string, Holding>();
  const sorted = trades.map((trade, order) => ({ trade, order }));
  sorted.sort((a, b) => (a.trade.at < b.trade.at ? -1 : a.trade.at > b.trade.at ? 1 : a.order - b.order));
  for (const { trade } of sorted) {
    const name = `${trade.currency} ${trade.key}`;
    holdings.set(name, after(holdings.get(name), trade));
  }
  const open = [...holdings.values()].filter(({ quantity }) => quantity.sign !== 0);
  const currencies = Map.groupBy(open, ({ trade }) => trade.key);
  const positions = open.map(({ quantity, average, trade: { key, symbol, currency } }) => {
    // One security may be held in two currencies. A position is identified by key and leg.
    const leg = currencies.get(key)!.length > 1 ? currency : undefined;
    return readPosition({ symbol, key, leg }, { quantity, average }, { currency });
  });
  return { positions, closed: holdings.size - open.length };
}

function after(before: Holding | undefined, trade: LedgerTrade): Holding {
  const held = before?.quantity ?? Decimal.ZERO;
  const quantity = held.plus(trade.quantity);
  if (held.sign === 0 || (quantity.sign !== 0 && quantity.sign !== held.sign))
    return { quantity, average: trade.price, trade };
  if (trade.quantity.sign !== held.sign) return { quantity, average: before!.average, trade };
  const average =
    before!.average && trade.price
      ? before!.average.times(held).plus(trade.price.times(trade.quantity)).dividedBy(quantity, 18)
      : undefined;
  return { quantity, average, trade };
}
