import type { Decimal } from '#decimal';
import { documentParts, type ExportDocument, type ForeignJson } from './export-document.js';
import { exchangeReading, heldPart } from './exchange-documents.js';
import { type DayRow, exchangeBook, type HeldRow } from './exchange-book.js';
import type { ExportReading, ReadOptions } from './export-reading.js';
import { type ExportRow, ExportTable } from './export-table.js';

const LOOKS_FOR = 'the answers of Angel One: getPosition, getHolding or getAllHolding';

const kindOf = (value: ForeignJson, name: string) =>
  heldPart(value, name, (fields) => {
    if (!('symboltoken' in fields)) return undefined;
    if ('netqty' in fields) return 'positions';
    return 'averageprice' in fields ? 'holdings' : undefined;
  });

/**
 * Positions and holdings of Angel One, whose numbers are texts. `avgnetprice` is the price at which the trades of the day
 * break even, so the average is that of the open side. Quantities are units on every exchange, and `multiplier` -1 is none.
 */
export function angelExport(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const parts = documentParts(documents, kindOf, LOOKS_FOR);
  const [positions, holdings] = [new ExportTable('positions'), new ExportTable('holdings')];
  const rows = positions.rows(parts.found.get('positions')).map(dayRow);
  const held = holdings.rows(parts.found.get('holdings')).map(heldRow);
  return exchangeReading(exchangeBook(rows, held, 'DELIVERY'), parts, [positions, holdings], options);
}

const keyOf = (row: ExportRow, exchange: string) => `${exchange}|${row.needText('symboltoken')}`;

function dayRow(row: ExportRow): DayRow {
  const exchange = row.needText('exchange');
  const key = keyOf(row, exchange);
  const quantity = row.needAmount('netqty');
  const [boughtBefore, soldBefore] = [row.amountOrZero('cfbuyqty'), row.amountOrZero('cfsellqty')];
  const [buys, sells] = [row.amountOrZero('buyqty'), row.amountOrZero('sellqty')];
  // Some answers count what was carried into the day in `buyqty`, some do not: the quantity tells.
  const withCarried = buys.minus(sells).compare(quantity) === 0 && !(boughtBefore.sign === 0 && soldBefore.sign === 0);
  const today = (side: 'buy' | 'sell', total: Decimal, carried: Decimal) => {
    const value = row.amountOrZero(`${side}amount`);
    const before = row.amountOrZero(`cf${side}amount`);
    return withCarried ? { quantity: total.minus(carried), value: value.minus(before) } : { quantity: total, value };
  };
  return {
    symbol: row.text('tradingsymbol', 'symbolname') ?? key,
    exchange,
    key,
    product: row.needText('producttype'),
    quantity,
    open: boughtBefore.minus(soldBefore),
    bought: today('buy', buys, boughtBefore),
    sold: today('sell', sells, soldBefore),
    average:
      quantity.sign > 0
        ? row.amount('totalbuyavgprice')
        : quantity.sign < 0
          ? row.amount('totalsellavgprice')
          : undefined,
    last: row.amount('ltp'),
    close: row.amount('close'),
    multiplier: row.amount('multiplier'),
    future: (row.text('instrumenttype') ?? '').startsWith('FUT'),
  };
}

function heldRow(row: ExportRow): HeldRow {
  const exchange = row.needText('exchange');
  const key = keyOf(row, exchange);
  const [all, parts] = [
    row.amountOrZero('quantity'),
    row.amountOrZero('realisedquantity').plus(row.amountOrZero('t1quantity')),
  ];
  return {
    symbol: row.text('tradingsymbol') ?? key,
    exchange,
    key,
    quantity: all.compare(parts) < 0 ? parts : all,
    average: row.amount('averageprice'),
    last: row.amount('ltp'),
    close: row.amount('close'),
  };
}
