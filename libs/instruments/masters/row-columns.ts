import { Decimal } from '#decimal';
import { expiryReader } from './expiry-date.js';
import type { MasterMapping, RowCondition } from './master-mapping.js';

type Columns = MasterMapping['columns'];
type TextColumn = NonNullable<Columns['name']>;
type DecimalColumn = NonNullable<Columns['strike']>;
type DateColumn = NonNullable<Columns['expiry']>;

/** Position of a column in the header, or -1. */
export type ColumnPlace = (column: string) => number;

/** Why a row cannot be stored. `field` is the column. */
export interface CellProblem {
  field: string;
  reason: string;
}

/** Reads one value of a row: undefined for none, an object for a value that cannot be stored. */
export type CellReader = (row: readonly string[]) => string | undefined | CellProblem;

/** Up to 26 digits before the point and 30 after it. pandas writes 0.00001 as 1e-05. */
const UNSIGNED = /^\+?\d{1,26}(?:\.\d{1,30})?(?:e[+-]?[0-2]?\d)?$/i;
const SIGNED = /^[+-]?\d{1,26}(?:\.\d{1,30})?(?:e[+-]?[0-2]?\d)?$/i;

/** Which decimals a column may have. */
export type DecimalRange = 'any' | 'from 0' | 'above 0';
const RANGES: Record<DecimalRange, { pattern: RegExp; name: string }> = {
  any: { pattern: SIGNED, name: 'a number' },
  'from 0': { pattern: UNSIGNED, name: 'a number of 0 or more' },
  'above 0': { pattern: UNSIGNED, name: 'a number above 0' },
};

/** Reads the first cell of a column's sources that has a value. */
function sourceReader(
  column: string | { column?: string; first?: string[]; blank?: string[] },
  at: ColumnPlace,
): { read: (row: readonly string[]) => string; field: string } {
  const given = typeof column === 'string' ? { column } : column;
  const names = given.first ?? [given.column!];
  const places = names.map(at).filter((place) => place >= 0);
  const blank = new Set(given.blank ?? []);
  const field = names[0]!;
  const index = places[0] ?? -1;
  if (places.length <= 1 && blank.size === 0) return { field, read: (row) => row[index]?.trim() ?? '' };
  const read = (row: readonly string[]) => {
    for (const place of places) {
      const text = row[place]?.trim() ?? '';
      if (text !== '' && !blank.has(text)) return text;
    }
    return '';
  };
  return { field, read };
}

export function textReader(column: TextColumn, at: ColumnPlace): CellReader {
  const { field, read } = sourceReader(column, at);
  const { map, others } = typeof column === 'string' ? {} : column;
  if (map === undefined) return (row) => read(row) || undefined;
  const known = new Map(Object.entries(map));
  return (row) => {
    const text = read(row);
    const mapped = known.get(text);
    if (mapped !== undefined) return mapped || undefined;
    if (text !== '' && others === 'refuse')
      return { field, reason: `not one of ${[...known.keys()].slice(0, 20).join(', ')}: ${shownCell(text)}` };
    return text || undefined;
  };
}

export function dateReader(column: DateColumn, at: ColumnPlace): CellReader {
  const { field, read } = sourceReader(column, at);
  const dayOf = expiryReader(typeof column === 'string' ? {} : column);
  return (row) => {
    const text = read(row);
    if (text === '') return undefined;
    const day = dayOf(text);
    return day ?? { field, reason: `not a date: ${shownCell(text)}` };
  };
}

/** The value is text that PostgreSQL reads as numeric, e.g. `885000000.000000e-7`. */
export function decimalReader(
  column: DecimalColumn,
  at: ColumnPlace,
  range: DecimalRange,
  mark: '.' | ',' = '.',
): CellReader {
  const given = typeof column === 'string' ? { column } : column;
  const { field, read } = sourceReader(given, at);
  const { pattern, name } = RANGES[range];
  const blankNumbers = new Set((given.blank ?? []).map((text) => (SIGNED.test(text) ? Number(text) : NaN)));
  blankNumbers.delete(NaN);
  const shift = zerosOf(given.divideBy ?? 1);
  const cases = (given.when ?? []).map(({ if: all, divideBy }) => ({
    holds: conditionsReader(all, at),
    shift: zerosOf(divideBy),
  }));
  const factor = given.times === undefined ? undefined : { field: given.times, index: at(given.times) };
  const wrong = (where: string, text: string) => ({ field: where, reason: `not ${name}: ${shownCell(text)}` });
  return (row) => {
    let text = read(row);
    if (text === '') return undefined;
    if (mark === ',') {
      // A point is no part of such a number: `1.234` is refused, and not read as a thousandth.
      if (text.includes('.')) return wrong(field, text);
      text = text.replace(',', '.');
    }
    if (!pattern.test(text)) {
      // A negative sentinel is no number of the column, but it may be one of its blanks.
      if (blankNumbers.size > 0 && SIGNED.test(text) && blankNumbers.has(Number(text))) return undefined;
      return wrong(field, text);
    }
    if (blankNumbers.size > 0 && blankNumbers.has(Number(text))) return undefined;
    if (factor !== undefined) {
      const other = row[factor.index]?.trim() ?? '';
      if (other === '') return undefined;
      if (!pattern.test(other)) return wrong(factor.field, other);
      text = Decimal.parse(text).times(Decimal.parse(other)).trimmed().toString();
      if (!pattern.test(text)) return wrong(field, text);
    }
    if (range === 'above 0' && Number(text) === 0) return wrong(field, text);
    const zeros = cases.find(({ holds }) => holds(row))?.shift ?? shift;
    return zeros === 0 ? text : shifted(text, zeros);
  };
}

/** Whether a row meets all conditions. */
export function conditionsReader(
  conditions: readonly RowCondition[],
  at: ColumnPlace,
): (row: readonly string[]) => boolean {
  const tests = conditions.map(({ column, is, not }) => ({
    index: at(column),
    values: new Set(is ?? not),
    wanted: is !== undefined,
  }));
  return (row) => tests.every(({ index, values, wanted }) => values.has(row[index]?.trim() ?? '') === wanted);
}

const zerosOf = (divideBy: number) => String(divideBy).length - 1;

function shifted(decimal: string, zeros: number): string {
  const [digits, exponent] = decimal.toLowerCase().split('e');
  return `${digits}e${Number(exponent ?? 0) - zeros}`;
}

const shownCell = (value: string) => JSON.stringify(value.slice(0, 60));
