import Papa from 'papaparse';
import { emptyFile, fileLimit, headerOnly, lineTooLong, repeatedColumn } from '../instruments.errors.js';
import type { MasterRecords, RecordBatch } from './master-records.js';

/**
 * Maximum length of a record in characters. A record may span lines; beyond this, an unclosed quote is assumed and its
 * line is quarantined.
 */
const MAX_RECORD = 64 * 1024;
/** Maximum number of columns. The widest known master has 60. */
export const MAX_NAMES = 500;
/** Maximum number of blank lines in a file. Real files have a few at their end. */
const MAX_BLANK_LINES = 10_000;
const LF = 0x0a;
const BOM = '\uFEFF';

/**
 * Reads CSV as a stream of records. papaparse parses 1M rows/s here, csv-parse 200k, and udsv silently merges a ragged
 * row into the next one. This reader adds line numbers and confines a broken quote to its line.
 */
export async function csvRecords(chunks: AsyncIterable<string>, delimiter?: string): Promise<MasterRecords> {
  const lines = wholeLines(chunks)[Symbol.asyncIterator]();
  let text = '';
  let skipped = 0;
  let end = -1;
  while (end < 0) {
    const next = await lines.next();
    if (next.done) break;
    text += next.value;
    let blank = 0;
    while (text.charCodeAt(blank) === LF) blank++;
    if ((skipped += blank) > MAX_BLANK_LINES) throw fileLimit('blank lines', skipped, MAX_BLANK_LINES);
    text = text.slice(blank);
    end = text.indexOf('\n');
    if (end < 0 && text.length > MAX_RECORD) throw lineTooLong(skipped + 1, MAX_RECORD);
  }
  if (text.trim() === '') throw emptyFile();
  const headerLine = (end < 0 ? text : text.slice(0, end)).replace(BOM, '');
  const mark = delimiter ?? delimiterOf(headerLine);
  const width = headerLine.split(mark).length;
  if (width > MAX_NAMES) throw fileLimit('columns', width, MAX_NAMES, ' in its header');
  const header = parseRecords(headerLine, mark).data[0]!.map((column) => column.trim());
  const repeated = header.find((column, index) => header.indexOf(column) !== index);
  if (repeated !== undefined) throw repeatedColumn(repeated);
  const rest = end < 0 ? '' : text.slice(end + 1);
  return { header, batches: batches(rest, lines, mark, skipped + 2) };
}

async function* batches(
  first: string,
  lines: AsyncIterator<string>,
  delimiter: string,
  firstLine: number,
): AsyncGenerator<RecordBatch> {
  let line = firstLine;
  let carry = first;
  let seen = false;
  let blank = 0;
  let ends = first.includes('\n');
  for (;;) {
    const next = await lines.next();
    const last = next.done === true;
    if (!last) carry += next.value;
    if (last && carry === '') break;
    ends ||= !last && next.value.includes('\n');
    // Records end at a line end. Without a new line end, parsing is skipped: otherwise a line of a megabyte is parsed
    // again with each piece.
    if (!last && !ends) continue;
    ends = false;
    const { batch, consumed, blanks } = parseSome(carry, delimiter, line, last);
    if ((blank += blanks) > MAX_BLANK_LINES) throw fileLimit('blank lines', blank, MAX_BLANK_LINES);
    line += linesIn(carry, consumed);
    carry = carry.slice(consumed);
    seen ||= batch.records.length > 0 || batch.broken.length > 0;
    yield batch;
    if (last) break;
  }
  if (!seen) throw headerOnly();
}

function parseSome(
  text: string,
  delimiter: string,
  firstLine: number,
  last: boolean,
): { batch: RecordBatch; consumed: number; blanks: number } {
  const input = last && text.endsWith('\n') ? text.slice(0, -1) : text;
  const parsed = parseRecords(input, delimiter, !last);
  const consumed = last ? text.length : parsed.meta.cursor;
  // A misplaced quote spoils everything up to the next quote, so such a piece is read line by line.
  if (parsed.errors.some((error) => error.type === 'Quotes') || (!last && text.length - consumed > MAX_RECORD)) {
    const upTo = last ? text.length : text.lastIndexOf('\n') + 1;
    return { ...lineByLine(text.slice(0, upTo), delimiter, firstLine), consumed: upTo };
  }
  const lines = linesIn(text, consumed) === parsed.data.length ? undefined : startLines(parsed.data, firstLine);
  const batch = dropBlank({ records: parsed.data, lines, firstLine, broken: [] });
  return { batch, consumed, blanks: parsed.data.length - batch.records.length };
}

function lineByLine(text: string, delimiter: string, firstLine: number): { batch: RecordBatch; blanks: number } {
  const batch = { records: [] as string[][], lines: [] as number[], firstLine, broken: [] as RecordBatch['broken'] };
  let line = firstLine;
  let blanks = 0;
  for (const one of text.split('\n')) {
    const parsed = parseRecords(one, delimiter);
    if (parsed.errors.some((error) => error.type === 'Quotes')) {
      batch.broken.push({
        line,
        reason: 'a quote is not closed, or text follows a closed one',
        excerpt: one.slice(0, 200),
      });
    } else if (one !== '') {
      batch.records.push(parsed.data[0]!);
      batch.lines.push(line);
    } else blanks++;
    line++;
  }
  // The text after the last line end is not a line.
  return { batch, blanks: blanks - (text.endsWith('\n') ? 1 : 0) };
}

interface Parsed {
  data: string[][];
  errors: { type: string }[];
  meta: { cursor: number };
}

/** papaparse's inner parser. Parses a piece of text synchronously and returns where the last complete record ends. */
function parseRecords(text: string, delimiter: string, ignoreLastRow = false): Parsed {
  const Parser = Papa.Parser as unknown as new (config: object) => {
    parse(input: string, baseIndex: number, ignoreLastRow: boolean): Parsed;
  };
  return new Parser({ delimiter, newline: '\n' }).parse(text, 0, ignoreLastRow);
}

/** Converts CRLF to LF, never splitting a pair between pieces. */
async function* wholeLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const chunk of chunks) {
    let text = held + chunk;
    held = text.endsWith('\r') ? '\r' : '';
    if (held) text = text.slice(0, -1);
    yield text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
  }
  if (held) yield held;
}

function linesIn(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function startLines(records: string[][], firstLine: number): number[] {
  let line = firstLine;
  return records.map((record) => {
    const start = line;
    line += 1 + record.reduce((sum, field) => sum + linesIn(field, field.length), 0);
    return start;
  });
}

function dropBlank(batch: RecordBatch): RecordBatch {
  if (!batch.records.some(isBlank)) return batch;
  const lines = batch.lines ?? batch.records.map((_, index) => batch.firstLine + index);
  return {
    ...batch,
    records: batch.records.filter((record) => !isBlank(record)),
    lines: lines.filter((_, index) => !isBlank(batch.records[index]!)),
  };
}

function isBlank(record: string[]): boolean {
  return record.length === 1 && record[0]!.trim() === '';
}

function delimiterOf(header: string): string {
  const count = (mark: string) => header.split(mark).length;
  return [',', ';', '\t', '|'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}
