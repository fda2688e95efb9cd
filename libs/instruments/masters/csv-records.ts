import { fileLimit, headerOnly, lineTooLong } from '../instruments.errors.js';
import {
  type CsvHead,
  type CsvLayout,
  headOf,
  LineSieve,
  MAX_BLANK_LINES,
  MAX_RECORD,
  parseRecords,
  unpadded,
} from './csv-layout.js';
import type { MasterRecords, RecordBatch } from './master-records.js';

/** Maximum length of a line in characters. A longer one is no line of a master. */
const MAX_LINE = 1024 * 1024;

/**
 * Reads CSV as a stream of records. papaparse parses 1M rows/s here, csv-parse 200k, and udsv silently merges a ragged
 * row into the next one. This reader adds line numbers and confines a broken quote to its line.
 */
export async function csvRecords(chunks: AsyncIterable<string>, layout: CsvLayout = {}): Promise<MasterRecords> {
  const lines = wholeLines(chunks)[Symbol.asyncIterator]();
  let text = '';
  let head: CsvHead | undefined;
  for (let last = false; head === undefined;) {
    const next = await lines.next();
    last = next.done === true;
    if (!last) text += next.value;
    head = headOf(text, last, layout);
  }
  return { header: head.header, batches: batches(head, lines, layout), whole: true, unseen: [] };
}

async function* batches(head: CsvHead, lines: AsyncIterator<string>, layout: CsvLayout): AsyncGenerator<RecordBatch> {
  const sieve = new LineSieve(layout, head.delimiter);
  let { line } = head;
  let carry = '';
  let piece = head.rest;
  let seen = false;
  let blank = 0;
  let ends = false;
  for (let last = false; !last;) {
    // The carried text belongs to it: blanks and their quote may be in different pieces.
    carry = head.padded ? unpadded(carry + piece, head.delimiter) : carry + piece;
    ends ||= piece.includes('\n');
    const next = await lines.next();
    last = next.done === true;
    piece = next.done ? '' : next.value;
    // Records end at a line end. Without a new line end, parsing is skipped: otherwise a line of a megabyte is parsed
    // again with each piece.
    if (last ? carry === '' : !ends) {
      if (carry.length > MAX_LINE) throw lineTooLong(line, MAX_LINE);
      continue;
    }
    ends = false;
    const { batch, consumed, blanks } = parseSome(carry, head.delimiter, line, last);
    if ((blank += blanks) > MAX_BLANK_LINES) throw fileLimit('blank lines', blank, MAX_BLANK_LINES);
    line += linesIn(carry, consumed);
    carry = carry.slice(consumed);
    const rows = sieve.sift(batch);
    seen ||= rows.records.length > 0 || rows.broken.length > 0;
    yield rows;
  }
  sieve.end();
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

/** Converts CRLF, or CR in a file without LF, to LF. Never splits a pair between pieces. */
async function* wholeLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  let bare: boolean | undefined;
  for await (const chunk of chunks) {
    let text = held + chunk;
    held = text.endsWith('\r') ? '\r' : '';
    if (held) text = text.slice(0, -1);
    if (!text.includes('\r')) {
      if (text.includes('\n')) bare ??= false;
      yield text;
      continue;
    }
    bare ??= !text.includes('\n');
    yield bare ? text.replaceAll('\r', '\n') : text.replaceAll('\r\n', '\n');
  }
  if (held) yield bare ? '\n' : held;
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
