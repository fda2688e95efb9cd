import { Decimal } from '#decimal';
import { documentParts, type ExportDocument, type ForeignJson } from './export-document.js';
import { exchangeReading, heldPart, tradedSide } from './exchange-documents.js';
import { type DayRow, exchangeBook, type HeldRow } from './exchange-book.js';
import type { ExportReading, ReadOptions } from './export-reading.js';
import { type ExportRow, ExportTable } from './export-table.js';

const LOOKS_FOR = 'the answers of Upstox: short-term-positions or long-term-holdings';

const kindOf = (value: ForeignJson, name: string) =>
  heldPart(value, name, (fields) => {
    if (!('instrument_token' in fields)) return undefined;
    if ('overnight_quantity' in fields) return 'positions';
    return 'isin' in fields || 't1_quantity' in fields ? 'holdings' : undefined;
  });

/** Positions and holdings of Upstox. Keys are its instrument keys. `unrealised` is a P&L since the purchase and is not used. */
export function upstoxExport(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const parts = documentParts(documents, kindOf, LOOKS_FOR);
  const [positions, holdings] = [new ExportTable('positions'), new ExportTable('holdings')];
  const rows = positions.rows(parts.found.get('positions')).map(dayRow);
  const held = holdings.rows(parts.found.get('holdings')).map(heldRow);
  return exchangeReading(exchangeBook(rows, held, 'D'), parts, [positions, holdings], options);
}

function dayRow(row: ExportRow): DayRow {
  const key = row.needText('instrument_token');
  const symbol = row.text('trading_symbol', 'tradingsymbol') ?? key;
  const exchange = row.needText('exchange');
  const [quantity, open] = [row.needAmount('quantity'), row.amountOrZero('overnight_quantity')];
  const [bought, sold] = [tradedSide(row, 'day_buy'), tradedSide(row, 'day_sell')];
  const multiplier = row.amount('multiplier');
  const own = row.amount('average_price');
  return {
    symbol,
    exchange,
    key,
    product: row.needText('product'),
    quantity,
    open,
    bought,
    sold,
    average: own !== undefined && own.sign !== 0 ? own : openedToday(quantity, open, { bought, sold, multiplier }),
    last: row.amount('last_price'),
    close: row.amount('close_price'),
    multiplier,
    future: /\bFUT\b|FUT$/.test(symbol) && /_(?:FO|COM|CD)\|/.test(key),
  };
}

/** The average of a position that was opened today, of which the answer has none: what its trades cost. */
function openedToday(
  quantity: Decimal,
  open: Decimal,
  { bought, sold, multiplier }: Pick<DayRow, 'bought' | 'sold' | 'multiplier'>,
): Decimal | undefined {
  const opened = quantity.sign > 0 ? bought : sold;
  if (open.sign !== 0 || quantity.sign === 0 || opened === undefined || opened.quantity.sign <= 0) return undefined;
  const contract = multiplier !== undefined && multiplier.sign > 0 ? multiplier : Decimal.of(1n);
  return opened.value.dividedBy(opened.quantity.times(contract), 18);
}

function heldRow(row: ExportRow): HeldRow {
  const key = row.needText('instrument_token');
  return {
    symbol: row.text('trading_symbol', 'tradingsymbol') ?? key,
    exchange: row.needText('exchange'),
    key,
    quantity: row.needAmount('quantity').plus(row.amountOrZero('t1_quantity')),
    average: row.amount('average_price'),
    last: row.amount('last_price'),
    close: row.amount('close_price'),
  };
}
