import Papa from 'papaparse';
import {
  emptyFile,
  fileLimit,
  headerNotFound,
  incompleteFile,
  lineTooLong,
  repeatedColumn,
} from '../instruments.errors.js';
import type { MasterMapping } from './master-mapping.js';
import type { RecordBatch } from './master-records.js';

/** What a mapping says of the lines of a CSV master. */
export type CsvLayout = Pick<MasterMapping, 'delimiter' | 'header' | 'skipLines' | 'trailer'>;

/**
 * Maximum length of a record in characters. A record may span lines; beyond this, an unclosed quote is assumed and its
 * line is quarantined.
 */
export const MAX_RECORD = 64 * 1024;
/** Maximum number of columns. The widest known master has 79. */
export const MAX_NAMES = 500;
/** Maximum number of blank lines in a file. Real files have a few at their end. */
export const MAX_BLANK_LINES = 10_000;
/** Maximum number of characters before the header. Known masters have two lines. */
const MAX_PREAMBLE = 64 * 1024;
/** Characters after the header that show how the file is written. */
const SAMPLE = 4_096;
const BOM = '\uFEFF';

/** The first lines of a CSV master, up to its header. */
export interface CsvHead {
  header: string[];
  delimiter: string;
  /** Whether blanks before a quote are no part of the cell, as in `1, "two"`. */
  padded: boolean;
  /** The text after the header. */
  rest: string;
  /** Number of the line at which `rest` begins. */
  line: number;
}

/**
 * Finds the header in the beginning of a master.
 * @param text whole lines, or the whole file if `last`
 * @returns undefined if more text is needed
 * @throws DomainError INSTRUMENTS_FILE_*, INSTRUMENTS_WRONG_HEADER
 */
export function headOf(text: string, last: boolean, layout: CsvLayout): CsvHead | undefined {
  const { header: place = true, skipLines = [] } = layout;
  let [at, line, blank] = [text.startsWith(BOM) ? 1 : 0, 1, 0];
  for (; ; line++) {
    const end = text.indexOf('\n', at);
    if (end < 0 && !last) {
      if (text.length - at > MAX_RECORD) throw lineTooLong(line, MAX_RECORD);
      return undefined;
    }
    const one = text.slice(at, end < 0 ? text.length : end);
    if (one.length > MAX_RECORD) throw lineTooLong(line, MAX_RECORD);
    const isBlank = one.trim() === '';
    if (isBlank && ++blank > MAX_BLANK_LINES) throw fileLimit('blank lines', blank, MAX_BLANK_LINES);
    const skipped = isBlank || skipLines.some((prefix) => one.startsWith(prefix));
    if (typeof place === 'boolean' ? !skipped : isHeader(one, line, place)) {
      const after = end < 0 ? '' : text.slice(end + 1);
      if (!last && after.length < SAMPLE) return undefined;
      const [rest, first] = place === false ? [text.slice(at), line] : [after, line + 1];
      return { ...namesIn(one, rest, layout), rest, line: first };
    }
    if (end < 0) throw blank === line ? emptyFile() : headerNotFound(placeText(place), line);
    at = end + 1;
    if (at > MAX_PREAMBLE) throw headerNotFound(placeText(place), line);
  }
}

function isHeader(text: string, line: number, place: { line?: number | undefined; startsWith?: string | undefined }) {
  return place.startsWith === undefined ? line === place.line : text.startsWith(place.startsWith);
}

function placeText(place: CsvLayout['header']): string {
  if (typeof place !== 'object') return 'with the names of the columns';
  return place.startsWith === undefined
    ? `number ${place.line}`
    : `that starts with ${JSON.stringify(place.startsWith)}`;
}

function namesIn(line: string, rest: string, layout: CsvLayout): Pick<CsvHead, 'header' | 'delimiter' | 'padded'> {
  const delimiter = layout.delimiter ?? delimiterOf(line);
  const width = line.split(delimiter).length;
  if (width > MAX_NAMES) throw fileLimit('columns', width, MAX_NAMES, ' in its header');
  const padded = [line, rest.slice(0, SAMPLE)].some((text) => paddedQuote(delimiter).test(text));
  const cells = parseRecords(padded ? unpadded(line, delimiter) : line, delimiter).data[0]!;
  // A column without a name, as after a delimiter at the line's end, is named by its position.
  const header = cells.map((name, index) => (layout.header === false ? '' : name.trim()) || String(index + 1));
  const repeated = header.find((column, index) => header.indexOf(column) !== index);
  if (repeated !== undefined) throw repeatedColumn(repeated);
  return { header, delimiter, padded };
}

/** Removes the blanks before opening quotes. */
export function unpadded(text: string, delimiter: string): string {
  return text.replace(paddedQuote(delimiter), '$1"');
}

/** Blanks and an opening quote. Within a quoted cell, a quote is doubled, or the cell ends with it. */
function paddedQuote(delimiter: string): RegExp {
  return new RegExp(`(^|[\\n${delimiter}])[ ]+"(?=[^"\\n${delimiter}]|"[\\n${delimiter}])`, 'g');
}

function delimiterOf(header: string): string {
  const count = (mark: string) => header.split(mark).length;
  return [',', ';', '\t', '|'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

interface Parsed {
  data: string[][];
  errors: { type: string }[];
  meta: { cursor: number };
}

/** papaparse's inner parser. Parses a piece of text synchronously and returns where the last complete record ends. */
export function parseRecords(text: string, delimiter: string, ignoreLastRow = false): Parsed {
  const Parser = Papa.Parser as unknown as new (config: object) => {
    parse(input: string, baseIndex: number, ignoreLastRow: boolean): Parsed;
  };
  return new Parser({ delimiter, newline: '\n' }).parse(text, 0, ignoreLastRow);
}

/** Removes comment lines and the trailer from records, and compares the trailer's count with them. */
export class LineSieve {
  private rows = 0;
  private trailerLine: number | undefined;
  /** The number of rows by the trailer. */
  private counted: number | undefined;
  private readonly prefixes: readonly string[];

  constructor(
    private readonly layout: CsvLayout,
    private readonly delimiter: string,
  ) {
    this.prefixes = [...(layout.skipLines ?? []), ...(layout.trailer ? [layout.trailer.startsWith] : [])];
  }

  /** @throws DomainError INSTRUMENTS_FILE_INCOMPLETE */
  sift(batch: RecordBatch): RecordBatch {
    if (this.prefixes.length === 0) return batch;
    const kept: { record: string[]; line: number }[] = [];
    batch.records.forEach((record, index) => {
      const line = batch.lines ? batch.lines[index]! : batch.firstLine + index;
      if (!this.isNoRow(record, line)) kept.push({ record, line });
    });
    this.rows += kept.length + batch.broken.length;
    return { ...batch, records: kept.map(({ record }) => record), lines: kept.map(({ line }) => line) };
  }

  /** To call after the last record. @throws DomainError INSTRUMENTS_FILE_INCOMPLETE */
  end(): void {
    const { trailer } = this.layout;
    if (trailer && this.trailerLine === undefined)
      throw incompleteFile(`It lacks the last line, which starts with ${JSON.stringify(trailer.startsWith)}.`);
    if (this.counted !== undefined && this.counted !== this.rows)
      throw incompleteFile(`It says ${this.counted} rows and has ${this.rows}.`);
  }

  private isNoRow(record: string[], line: number): boolean {
    const { trailer } = this.layout;
    const first = record[0]!;
    // Most records fail here, before their text is put together.
    const near = this.prefixes.some((prefix) => prefix.startsWith(first) || first.startsWith(prefix));
    const text = near ? record.join(this.delimiter) : '';
    if (this.trailerLine !== undefined)
      throw incompleteFile(`Line ${line} follows the trailer in line ${this.trailerLine}.`);
    if (trailer && near && text.startsWith(trailer.startsWith)) {
      this.trailerLine = line;
      const { counts } = trailer;
      if (counts)
        this.counted = countIn(
          counts === true ? text.slice(trailer.startsWith.length) : (record[counts - 1] ?? ''),
          line,
        );
      return true;
    }
    return near && (this.layout.skipLines ?? []).some((prefix) => text.startsWith(prefix));
  }
}

function countIn(text: string, line: number): number {
  const counted = /^\D{0,3}(\d{1,9})(?!\d)/.exec(text)?.[1];
  if (counted === undefined) throw incompleteFile(`Its trailer in line ${line} counts no rows.`);
  return Number(counted);
}
