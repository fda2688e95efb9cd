/** A spreadsheet runs a cell as a formula if it begins with one of these (OWASP), also after blanks and in full width. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]|^[\t\r]/u;
/** Amounts may be negative. A spreadsheet reads them as numbers. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const QUOTED = /[",;\t\r\n]|^\s|\s$/;

const COLUMNS = [
  ...([
    'portfolioId',
    'broker',
    'key',
    'leg',
    'tradingsymbol',
    'name',
    'currency',
    'quantity',
    'averagePrice',
  ] as const),
  ...(['price', 'pricedAt', 'value', 'unrealised', 'dayPnl', 'exposure', 'dayBasis', 'flags'] as const),
];

type CsvPosition = Readonly<Partial<Record<(typeof COLUMNS)[number], string | readonly string[] | null>>>;

/**
 * Positions as CSV (RFC 4180) with the digits that the desk sent. A text that a spreadsheet would run as a formula gets an
 * apostrophe in front, which spreadsheets hide.
 */
export function positionsCsv(positions: readonly CsvPosition[]): string {
  const lines = positions.map((position) => COLUMNS.map((name) => cell(position[name])));
  return [COLUMNS, ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

function cell(value: string | readonly string[] | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : value.join(' ');
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
