/** A spreadsheet runs a cell as a formula if it begins with one of these (OWASP), also after blanks and in full width. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]|^[\t\r]/u;
/** Amounts may be negative. A spreadsheet reads them as numbers. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Also what other programs separate columns by: they read a file by the settings of their country. */
const QUOTED = /[",;\t\r\n]|^\s|\s$/;

/**
 * One line of CSV (RFC 4180). Null and undefined are empty cells; objects and arrays are JSON. A text that a spreadsheet
 * would run as a formula gets an apostrophe in front, which spreadsheets hide.
 */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
