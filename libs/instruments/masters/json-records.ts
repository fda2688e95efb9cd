import { asText, pathOf, valueAt } from './column-path.js';
import { brokenJson, fileLimit, headerOnly } from '../instruments.errors.js';
import { MAX_NAMES } from './csv-layout.js';
import { type JsonElement, JsonScanner } from './json-scanner.js';
import type { MasterRecords, RecordBatch } from './master-records.js';

/** A number that a double may not hold exactly. */
const LONG_NUMBER = /\d[\d.]{15}/;

/** What a mapping says of a JSON master. */
export interface JsonLayout {
  rows?: string | undefined;
  page?: string | undefined;
  /** Columns that the mapping reads: names, paths, or `@key`. */
  columns?: readonly string[];
}

type Row = Record<string, unknown>;

/**
 * Reads the objects of a JSON master as a stream of records. The first columns are those of the mapping; other names
 * become columns when they first occur, since the kinds of contracts in one file have different names.
 */
export async function jsonRecords(chunks: AsyncIterable<string>, layout: JsonLayout = {}): Promise<MasterRecords> {
  const scanner = new JsonScanner(layout);
  const pieces = elements(chunks, scanner);
  const first = await pieces.next();
  if (first.done) throw headerOnly();
  const columns = new JsonColumns(layout.columns ?? []);
  const records = columns.records(first.value, 0);
  return {
    header: columns.header,
    batches: batches(records, pieces, columns),
    get whole() {
      return scanner.page === '';
    },
    get unseen() {
      return columns.unseen;
    },
  };
}

/** Gives each name of an object its place in the records. */
class JsonColumns {
  readonly header: string[];
  private readonly places = new Map<string, number>();
  private readonly paths: { index: number; path: NonNullable<ReturnType<typeof pathOf>> }[];
  private readonly seen = new Set<number>();
  private readonly wanted: number;

  constructor(columns: readonly string[]) {
    this.header = [...columns];
    this.wanted = columns.length;
    columns.forEach((name, index) => this.places.set(name, index));
    this.paths = columns.flatMap((name, index) => {
      const path = pathOf(name);
      return path !== undefined && (path.length > 1 || typeof path[0] === 'object') ? [{ index, path }] : [];
    });
  }

  get unseen(): string[] {
    return this.header.slice(0, this.wanted).filter((_, index) => !this.seen.has(index));
  }

  records(found: readonly JsonElement[], before: number): string[][] {
    const records = found.map((element, index) => this.record(element, before + index));
    for (const record of records) while (record.length < this.header.length) record.push('');
    return records;
  }

  private record({ key, text }: JsonElement, index: number): string[] {
    const object = parsedElement(text, index);
    const record = new Array<string>(this.header.length).fill('');
    const names = Object.keys(object);
    for (const name of names) {
      const at = this.places.get(name) ?? this.place(name, names.length);
      if (at < this.wanted) this.seen.add(at);
      record[at] = asText(object[name]);
    }
    for (const { index: at, path } of this.paths) {
      if (Object.hasOwn(object, this.header[at]!)) continue;
      const value = valueAt(object, path);
      if (value === undefined) continue;
      this.seen.add(at);
      record[at] = asText(value);
    }
    const keyAt = key === undefined ? undefined : this.places.get('@key');
    if (keyAt !== undefined) {
      this.seen.add(keyAt);
      record[keyAt] = key!;
    }
    return record;
  }

  /** A name that differs from a column of the mapping in case only is that column. */
  private place(name: string, names: number): number {
    const lower = name.toLowerCase();
    const alike = this.header.findIndex((column, at) => at < this.wanted && column.toLowerCase() === lower);
    const at = alike >= 0 ? alike : this.header.push(name) - 1;
    if (this.header.length > MAX_NAMES)
      throw fileLimit('names of fields', Math.max(names, this.header.length), MAX_NAMES);
    this.places.set(name, at);
    return at;
  }
}

async function* batches(
  first: string[][],
  pieces: AsyncIterator<JsonElement[]>,
  columns: JsonColumns,
): AsyncGenerator<RecordBatch> {
  let element = 1;
  for (let records: string[][] | undefined = first; records;) {
    yield { records, firstLine: element, broken: [] };
    element += records.length;
    const next = await pieces.next();
    records = next.done ? undefined : columns.records(next.value, element - 1);
  }
}

async function* elements(chunks: AsyncIterable<string>, scanner: JsonScanner): AsyncGenerator<JsonElement[]> {
  for await (const chunk of chunks) {
    const found = scanner.scan(chunk);
    if (found.length > 0) yield found;
  }
  scanner.end();
}

/** @param index elements before this one @throws DomainError INSTRUMENTS_FILE_BROKEN_JSON */
export function parsedElement(text: string, index: number): Row {
  try {
    // The text of a number is exact. Reading it takes several times as long, so only long numbers are read so.
    return JSON.parse(text, LONG_NUMBER.test(text) ? exactNumber : undefined) as Row;
  } catch (cause) {
    throw brokenJson(index, cause);
  }
}

function exactNumber(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined && context.source.length > 15
    ? context.source
    : value;
}
