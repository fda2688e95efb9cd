import type { Decimal } from '#decimal';
import { fieldsOf, type ForeignJson, type ForeignObject, ignoredParts, type Parts } from './export-document.js';
import type { ExchangeBook } from './exchange-book.js';
import type { ExportReading, ReadOptions } from './export-reading.js';
import type { ExportRow, ExportTable } from './export-table.js';

/** The two documents of an account at an Indian broker. */
export type HeldPart = 'positions' | 'holdings';

/** What a list is by the fields of its first row; an empty one by its name. */
export function heldPart(
  value: ForeignJson,
  name: string,
  byFields: (fields: ForeignObject) => HeldPart | undefined,
): HeldPart | undefined {
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0) return /holding/i.test(name) ? 'holdings' : /position/i.test(name) ? 'positions' : undefined;
  const fields = fieldsOf(value);
  return fields && byFields(fields);
}

/** The reading of positions and holdings that were merged into a book. */
export function exchangeReading(
  book: ExchangeBook,
  { names, unused }: Parts<HeldPart>,
  tables: readonly ExportTable[],
  options: ReadOptions,
): ExportReading {
  const notes = [...book.notes];
  if (names.every(({ kind }) => kind !== 'holdings')) notes.push('Holdings were not sent, so none is stored.');
  return {
    account: null,
    asOf: null,
    currency: options.currency ?? 'INR',
    cash: null,
    venue: 'NSE',
    positions: book.positions,
    rates: [],
    understood: names.map(({ kind, name, rows }) => ({ name: `${name} (${kind})`, rows })),
    ignored: {
      columns: tables.flatMap(({ unused: columns }) => columns),
      rows: [...ignoredParts(unused), ...book.ignored],
    },
    notes,
  };
}

/** The trades of one side of the day: `day_buy_quantity` and `day_buy_value`. */
export function tradedSide(row: ExportRow, prefix: string): { quantity: Decimal; value: Decimal } | undefined {
  const quantity = row.amount(`${prefix}_quantity`);
  return quantity && { quantity, value: row.amountOrZero(`${prefix}_value`) };
}
