import papaparse from 'papaparse';
import type { ExportDocument } from './export-document.js';
import {
  type ExportReading,
  type ReadOptions,
  type ReadPosition,
  readPosition,
  refuseExport,
} from './export-reading.js';
import { type ExportRow, ExportTable } from './export-table.js';

/** Usual names of columns, tried in this order, whatever their case. */
const USUAL = {
  key: ['key', 'conid', 'instrument_token', 'symbol', 'ticker', 'isin'],
  quantity: ['quantity', 'qty', 'position', 'shares', 'net_qty'],
  averagePrice: ['averageprice', 'average_price', 'avg_price', 'average price', 'cost price', 'avg_entry_price'],
  lastPrice: ['lastprice', 'last_price', 'last price', 'ltp', 'price', 'close price'],
  previousClose: ['previousclose', 'previous_close', 'close_price', 'prev_close'],
  multiplier: ['multiplier', 'mult'],
  currency: ['currency'],
  leg: ['leg', 'product'],
  side: ['side'],
  symbol: ['tradingsymbol', 'symbol', 'name'],
} as const;
export const FLAT_FIELDS = Object.keys(USUAL) as (keyof typeof USUAL)[];
const NEEDED = ['key', 'quantity'] as const;
const SHORT = /^(?:s|sell|short)$/i;

/** One row a position. Columns are found by their usual names, or as `columns` names them. */
export function flatTable(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const { rows, table, header } = csvRows(documents, ['quantity'], () => options.decimalMark ?? '.');
  const columns = Object.fromEntries(
    FLAT_FIELDS.map((field) => {
      const named = options.columns?.[field];
      if (named !== undefined && !header.includes(named))
        refuseExport(`columns.${field}`, header.join(', '), `the column ${named}`);
      const usual = USUAL[field].map((name) => header.find((column) => column.toLowerCase() === name)).find(Boolean);
      return [field, named ?? usual];
    }),
  ) as Record<keyof typeof USUAL, string | undefined>;
  for (const field of NEEDED)
    if (columns[field] === undefined)
      refuseExport(
        'header',
        header.join(', '),
        `a column for ${field}: ${USUAL[field].join(', ')}, or its name in \`columns\``,
      );
  return {
    account: null,
    asOf: null,
    currency:
      options.currency ??
      (columns.currency && rows[0]?.text(columns.currency)) ??
      refuseExport('currency', undefined, 'a currency: name it in `currency`'),
    cash: null,
    positions: rows.map((row) => flatPosition(row, columns)),
    rates: [],
    understood: [{ name: table.name, rows: rows.length }],
    ignored: { columns: table.unused, rows: [] },
    notes: ['The file has no cash.'],
  };
}

function flatPosition(row: ExportRow, columns: Record<keyof typeof USUAL, string | undefined>): ReadPosition {
  const text = (field: keyof typeof USUAL) => (columns[field] === undefined ? undefined : row.text(columns[field]));
  const amount = (field: keyof typeof USUAL) => (columns[field] === undefined ? undefined : row.amount(columns[field]));
  const key = row.needText(columns.key!);
  const sent = row.needAmount(columns.quantity!);
  const currency = text('currency');
  return readPosition(
    { symbol: text('symbol') ?? key, key, leg: text('leg') },
    {
      quantity: sent.sign > 0 && SHORT.test(text('side') ?? '') ? sent.negated() : sent,
      average: amount('averagePrice'),
      last: amount('lastPrice'),
      close: amount('previousClose'),
      multiplier: amount('multiplier'),
    },
    {
      ...(currency === undefined ? {} : { currency }),
    },
  );
}

/**
 * Rows of a CSV with a header. The delimiter is that of the header.
 * @param mark how its numbers are written, by the names of its columns
 * @throws ExportRefused
 */
export function csvRows(
  documents: readonly ExportDocument[],
  looksFor: readonly string[],
  mark: (header: readonly string[]) => '.' | ',',
): { rows: ExportRow[]; table: ExportTable; header: string[] } {
  const texts = documents.map((document) =>
    document.kind === 'text'
      ? document
      : refuseExport(document.name, document.kind.toUpperCase(), `a CSV with a header (${looksFor.join(', ')}, ..)`),
  );
  const parsed = texts.map(({ name, text }) => {
    const { data } = papaparse.parse<string[]>(text.replace(/^\uFEFF/, ''), { skipEmptyLines: 'greedy' });
    const [header = [], ...lines] = data.map((cells) => cells.map((cell) => cell.trim()));
    const twice = header.find((column, index) => column !== '' && header.indexOf(column) < index);
    if (twice !== undefined) refuseExport(`${name}, header`, `${twice} twice`, 'each column once');
    return { name, header, lines };
  });
  const header = [...new Set(parsed.flatMap((one) => one.header))];
  const table = new ExportTable(texts[0]?.name ?? 'csv', mark(header));
  const rows = parsed.flatMap(({ name, header: columns, lines }) =>
    lines.map((cells, index) => {
      const place = `${name}, line ${index + 2}`;
      // A number with a comma that is not quoted makes two cells of one, and each column after it another.
      if (cells.slice(columns.length).some((cell) => cell !== ''))
        refuseExport(place, `${cells.length} cells`, `${columns.length} cells, as the header has`);
      return table.row(Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ''])), place);
    }),
  );
  return { rows, table, header };
}
