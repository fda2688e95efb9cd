import { type RowIssue, RowReader } from './row-reader.js';
import { csvRecords } from './csv-records.js';
import { jsonRecords } from './json-records.js';
import { fileLimit, tooManyRepeats, wrongHeader } from '../instruments.errors.js';
import { detectMaster } from './master-detection.js';
import { columnsOf, type MasterMapping } from './master-mapping.js';
import type { MasterRecords } from './master-records.js';
import { SeenTexts } from './seen-texts.js';
import { Turns } from './turns.js';

/** A stored remark on a line of the master. */
export interface ImportIssue extends RowIssue {
  line: number;
  severity: 'quarantined' | 'warning';
  excerpt: string;
}

/** Maximum number of stored issues. Further issues are only counted. */
const MAX_ISSUES = 10_000;

/** Maximum number of repeated rows. They are held in memory during a first import. */
const MAX_REPEATS = 100_000;
/** Maximum number of characters of the repeated rows. */
const MAX_REPEATED_TEXT = 33_554_432;
/** Maximum number of rows. The largest known master has 300,000. */
const MAX_ROWS = 10_000_000;
const EXCERPT = 200;
/** Characters at the start of a file by which a built-in mapping is chosen. */
const DETECTED_BY = 72 * 1024;

/** Converts a master's text to lines for COPY. Collects bad rows with line and reason. */
export class StagingLines {
  rows = 0;
  quarantined = 0;
  warnings = 0;
  /** Rows that the mapping leaves out. They are not among `rows`. */
  filtered = 0;
  /** Rows whose key could not be read. They may belong to any contract. */
  unreadable = 0;
  readonly issues: ImportIssue[] = [];
  /** Rows whose key occurred in an earlier row, or seems to: the database decides. */
  repeats = 0;
  /** The repeated rows as lines for the staging table, when the other rows are copied to another table. */
  readonly leftOver: string[] = [];
  private leftOverText = 0;
  private readonly turns = new Turns();
  private readonly keys = new SeenTexts();
  private readonly symbols = new SeenTexts();
  private reader!: RowReader;

  private constructor(
    readonly mapping: MasterMapping,
    private readonly records: MasterRecords,
    broker: string,
    private readonly isGiven: boolean,
  ) {
    this.reader = new RowReader(mapping, broker, records.header);
  }

  /**
   * Reads the header and selects a built-in mapping, unless a mapping is given.
   * @param file the member of a ZIP file that the text is of
   * @throws DomainError INSTRUMENTS_*
   */
  static async of(
    chunks: AsyncIterable<string>,
    broker: string,
    given?: MasterMapping,
    file: { readonly member?: string | undefined } = {},
  ): Promise<StagingLines> {
    const text = await peeked(chunks, given === undefined ? DETECTED_BY : 1);
    const mapping = given ?? detectMaster({ broker, head: text.head, isWhole: text.isWhole, member: file.member });
    if (mapping.format === 'csv')
      return new StagingLines(mapping, await csvRecords(text.all, mapping), broker, given !== undefined);
    const records = await jsonRecords(text.all, { ...mapping, columns: columnsOf(mapping) });
    const missing = mapping.key.filter((column) => records.unseen.includes(column));
    if (missing.length > 0) throw wrongHeader(broker, mapping.name, missing, records.header);
    return new StagingLines(mapping, records, broker, given !== undefined);
  }

  /** False if the file is one page of several. Such a file delists nothing. Known when all rows have been read. */
  get whole(): boolean {
    return this.records.whole;
  }

  get exchanges(): string[] {
    return [...this.reader.exchanges].sort();
  }

  get good(): number {
    return this.rows - this.quarantined;
  }

  /**
   * Yields text for COPY, one piece per batch, for the staging table. With `prefix`, which gives each row its first
   * columns, the text is for a table with a unique key: repeated rows are then left over, and quarantined rows are
   * omitted.
   */
  async *copyText(prefix?: () => string): AsyncGenerator<string> {
    for await (const batch of this.records.batches) {
      let out = '';
      for (const { line, reason, excerpt } of batch.broken)
        this.quarantine({ field: null, reason }, line, excerpt, undefined);
      if (this.rows > MAX_ROWS) throw fileLimit('rows', this.rows, MAX_ROWS);
      for (let index = 0; index < batch.records.length; index++) {
        if (index % 64 === 63 && this.turns.isDue) await this.turns.give();
        const record = batch.records[index]!;
        const line = batch.lines ? batch.lines[index]! : batch.firstLine + index;
        const read = this.reader.read(record);
        if (read.filtered) {
          this.filtered++;
          continue;
        }
        if (read.quarantined) {
          const bareKey = this.quarantine(read.quarantined, line, record.join(','), read.key);
          if (prefix === undefined) out += bareKey;
          continue;
        }
        this.rows++;
        if (read.warning) this.warn(read.warning, line, record);
        if (this.symbols.seen(`${read.exchange}\t${read.symbol}`))
          this.warn(
            { field: 'tradingsymbol', reason: `the symbol already occurs on ${read.exchange} in an earlier line` },
            line,
            record,
          );
        if (!this.keys.seen(read.key!)) out += prefix === undefined ? `${line}\tf\t${read.copy}` : prefix() + read.copy;
        else {
          this.repeats++;
          this.warn(
            { field: 'key', reason: 'the key already occurs in an earlier line; the last line is used' },
            line,
            record,
          );
          if (prefix === undefined) out += `${line}\tf\t${read.copy}`;
          else this.leave(`${line}\tf\t${read.copy}`);
        }
      }
      if (out !== '') yield out;
    }
    if (this.isGiven && this.records.unseen.length > 0)
      this.remark(`columns of the mapping that no element has: ${this.records.unseen.join(', ')}`);
  }

  private leave(row: string): void {
    if (this.leftOver.push(structuredClone(row)) > MAX_REPEATS || (this.leftOverText += row.length) > MAX_REPEATED_TEXT)
      throw tooManyRepeats(this.leftOver.length);
  }

  /** Adds a remark about the file as a whole. */
  remark(reason: string): void {
    this.warnings++;
    this.note({ field: null, reason, line: 0, severity: 'warning', excerpt: '' });
  }

  private warn(issue: RowIssue, line: number, record: readonly string[]): void {
    this.warnings++;
    this.note({ ...issue, line, severity: 'warning', excerpt: record.join(',') });
  }

  /** Stages a quarantined row with a key as its bare key. */
  private quarantine(issue: RowIssue, line: number, excerpt: string, key: string | undefined): string {
    this.rows++;
    this.quarantined++;
    this.note({ ...issue, line, severity: 'quarantined', excerpt });
    if (key !== undefined)
      return `${line}\tt\t${key.replace(/[\\\t\n\r]/g, (char) => `\\${{ '\\': '\\', '\t': 't', '\n': 'n', '\r': 'r' }[char]}`)}${'\t\\N'.repeat(10)}\n`;
    this.unreadable++;
    return '';
  }

  private note(issue: ImportIssue): void {
    if (this.issues.length >= MAX_ISSUES) return;
    const excerpt = issue.excerpt.slice(0, EXCERPT).replaceAll('\0', '\u2400').toWellFormed();
    // Copied, because 10,000 slices of lines of a megabyte would keep all these lines in memory.
    this.issues.push({ ...issue, excerpt: structuredClone(excerpt) });
  }
}

/** Returns the first pieces, up to a number of characters that are not blank, and the whole text including them. */
async function peeked(
  chunks: AsyncIterable<string>,
  characters: number,
): Promise<{ head: string; isWhole: boolean; all: AsyncGenerator<string> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const pieces: string[] = [];
  let [head, done] = ['', false];
  while (!done && head.trimStart().length < characters) {
    const next = await iterator.next();
    if (next.done) done = true;
    else {
      pieces.push(next.value);
      head += next.value;
    }
  }
  return {
    head,
    isWhole: done,
    all: (async function* () {
      try {
        yield* pieces;
        if (!done) for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
      } finally {
        await iterator.return?.();
      }
    })(),
  };
}
