import { Decimal } from './decimal.js';

/** Thousands in groups of three, or as in India the last group of three and the others of two. */
const GROUPED = /^[+-]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?$/;
const GROUPED_BY_POINTS = /^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$/;
/** Blanks and apostrophes between groups. */
const GAPS = /(?<=\d)[ \u00a0\u202f'’](?=\d{3})/g;

/**
 * A number as foreign files write it: `1,050`, `1,23,456.50`, `8.51e-06`, and with a decimal comma `1.050,25`. Which mark
 * separates decimals is said and not guessed: `1,050` is 1050 with a point, and 1.050 with a comma.
 * @returns undefined for a text that is no such number
 */
export function writtenDecimal(written: string, decimalMark: '.' | ',' = '.'): Decimal | undefined {
  const text = written.trim().replace(/^\+/, '').replace(GAPS, '');
  if (decimalMark === '.') return Decimal.read(GROUPED.test(text) ? text.replaceAll(',', '') : text);
  const joined = GROUPED_BY_POINTS.test(text) ? text.replaceAll('.', '') : text;
  return joined.includes('.') ? undefined : Decimal.read(joined.replace(',', '.'));
}
