import { documentParts, type ExportDocument, type ForeignJson, isObject } from './export-document.js';
import { exchangeReading, type HeldPart, heldPart, tradedSide } from './exchange-documents.js';
import { type DayRow, exchangeBook, type HeldRow } from './exchange-book.js';
import { type ExportReading, type ReadOptions, readPosition, refuseExport } from './export-reading.js';
import { type ExportRow, ExportTable } from './export-table.js';

const LOOKS_FOR = 'the positions (`net`) or holdings of Kite Connect';

function kindOf(value: ForeignJson, name: string): HeldPart | undefined {
  if (isObject(value) && Array.isArray(value['net'])) return 'positions';
  return heldPart(value, name, (fields) => {
    if (!('tradingsymbol' in fields)) return undefined;
    if ('overnight_quantity' in fields) return 'positions';
    return 't1_quantity' in fields || 'opening_quantity' in fields ? 'holdings' : undefined;
  });
}

/**
 * Positions and holdings of Zerodha Kite Connect. `net` holds the day with what was carried into it; `day` repeats its trades.
 * The field `value` is money (sold less bought) and not worth, so it is not used.
 */
export function kiteExport(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const parts = documentParts(documents, kindOf, LOOKS_FOR);
  const [positions, holdings] = [new ExportTable('net'), new ExportTable('holdings')];
  const net = (parts.found.get('positions') ?? []).map((part) => (isObject(part) ? part['net']! : part));
  const symbolKeys = options.keys === 'symbol';
  const rows = positions.rows(net).map((row) => dayRow(row, symbolKeys));
  const heldRows = holdings.rows(parts.found.get('holdings'));
  const held = heldRows.map((row) => heldRow(row, symbolKeys));
  const book = exchangeBook(rows, held, 'CNC');
  const margin = heldRows.flatMap((row, index) => marginHolding(row, held[index]!));
  book.positions.push(...margin);
  if (margin.length > 0)
    book.notes.push(
      'Shares bought with the margin facility (MTF) are shown but not valued: the borrowed money is in no document.',
    );
  const reading = exchangeReading(book, parts, [positions, holdings], options);
  // The document of positions has two lists, of which one is read.
  const understood = parts.names.map(({ kind }, index) => {
    const part = reading.understood[index]!;
    return kind === 'positions' ? { ...part, rows: rows.length } : part;
  });
  return { ...reading, understood };
}

function keyOf(row: ExportRow, exchange: string, symbol: string, symbolKeys: boolean): string {
  return (symbolKeys ? undefined : row.text('instrument_token')) ?? `${exchange}:${symbol}`;
}

function dayRow(row: ExportRow, symbolKeys: boolean): DayRow {
  const [symbol, exchange] = [row.needText('tradingsymbol'), row.needText('exchange')];
  return {
    symbol,
    exchange,
    key: keyOf(row, exchange, symbol, symbolKeys),
    product: row.needText('product'),
    quantity: row.needAmount('quantity'),
    open: row.needAmount('overnight_quantity'),
    bought: tradedSide(row, 'day_buy'),
    sold: tradedSide(row, 'day_sell'),
    average: row.amount('average_price'),
    last: row.amount('last_price'),
    close: row.amount('close_price'),
    multiplier: row.amount('multiplier'),
    future: /FUT$/.test(symbol) && exchange !== 'NSE' && exchange !== 'BSE',
  };
}

/** What was held as the day began. `quantity` is without what was sold today, `opening_quantity` with it. */
function heldRow(row: ExportRow, symbolKeys: boolean): HeldRow {
  const [symbol, exchange] = [row.needText('tradingsymbol'), row.needText('exchange')];
  const now = row.amountOrZero('quantity').plus(row.amountOrZero('t1_quantity'));
  const opening = row.amount('opening_quantity') ?? now.plus(row.amountOrZero('used_quantity'));
  if (now.sign < 0) refuseExport(`${row.place}.quantity`, String(now), 'a holding that is not negative');
  return {
    symbol,
    exchange,
    key: keyOf(row, exchange, symbol, symbolKeys),
    quantity: opening.compare(now) < 0 ? now : opening,
    average: row.amount('average_price'),
    last: row.amount('last_price'),
    close: row.amount('close_price'),
  };
}

/** What a holding says of shares bought with borrowed money. */
function marginHolding(row: ExportRow, { symbol, key, last, close }: HeldRow) {
  const mtf = row.object('mtf');
  const quantity = mtf?.amount('quantity');
  if (mtf === undefined || quantity === undefined || quantity.sign === 0) return [];
  const amounts = { quantity, average: mtf.amount('average_price'), last, close };
  return [readPosition({ symbol, key, leg: 'MTF-HELD' }, amounts, { valuation: 'memo' })];
}
