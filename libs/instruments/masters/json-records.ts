import { MAX_NAMES } from './csv-records.js';
import { brokenJson, emptyFile, fileLimit, headerOnly, notJsonArray } from '../instruments.errors.js';
import type { MasterRecords, RecordBatch } from './master-records.js';

/** Maximum length of an element in characters. No contract is longer. */
const MAX_ELEMENT = 1024 * 1024;
/** Maximum depth. Masters are flat; some nest one or two lists. */
const MAX_DEPTH = 16;

/**
 * Reads a JSON array of flat objects as a stream of records. The array is split here and JSON.parse reads each element,
 * so memory holds one piece instead of a whole master of 30 MB. The header consists of the names in the first objects.
 */
export async function jsonRecords(chunks: AsyncIterable<string>): Promise<MasterRecords> {
  const pieces = objects(chunks);
  const first = await pieces.next();
  if (first.done) throw headerOnly();
  const header = [...new Set(first.value.flatMap((object) => Object.keys(object)))];
  if (header.length > MAX_NAMES) throw fileLimit('names of fields', header.length, MAX_NAMES);
  return { header, batches: batches(first.value, pieces, header) };
}

type Flat = Record<string, unknown>;

async function* batches(first: Flat[], pieces: AsyncIterator<Flat[]>, header: string[]): AsyncGenerator<RecordBatch> {
  let element = 1;
  for (let piece: Flat[] | undefined = first; piece;) {
    yield {
      records: piece.map((object) => header.map((name) => asText(object[name]))),
      firstLine: element,
      broken: [],
    };
    element += piece.length;
    const next = await pieces.next();
    piece = next.done ? undefined : next.value;
  }
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}

async function* objects(chunks: AsyncIterable<string>): AsyncGenerator<Flat[]> {
  let text = '';
  let at = 0;
  let start = -1;
  let depth = 0;
  let inText = false;
  let opened = false;
  let closed = false;
  let count = 0;
  for await (const chunk of chunks) {
    text += chunk;
    const found: Flat[] = [];
    for (; at < text.length; at++) {
      const char = text[at]!;
      if (inText) {
        if (char === '\\') at++;
        else if (char === '"') inText = false;
      } else if (depth > 0) {
        if (char === '"') inText = true;
        else if (char === '{' || char === '[') {
          if (++depth > MAX_DEPTH) throw fileLimit('levels', depth, MAX_DEPTH, ` in element ${count + 1}`);
        } else if ((char === '}' || char === ']') && --depth === 0) {
          found.push(element(text.slice(start, at + 1), count));
          count++;
          start = -1;
        }
      } else if (char === '{' && opened && !closed) {
        start = at;
        depth = 1;
      } else if (char === '[' && !opened) opened = true;
      else if (char === ']' && opened && !closed) closed = true;
      else if (!/[\s\uFEFF]/.test(char) && !(char === ',' && opened && !closed))
        throw opened ? brokenJson(count) : notJsonArray(text.slice(at, at + 80));
    }
    const keep = start < 0 ? text.length : start;
    text = text.slice(keep);
    at -= keep;
    if (start >= 0) start = 0;
    if (text.length > MAX_ELEMENT) throw brokenJson(count);
    if (found.length > 0) yield found;
  }
  if (!opened) throw emptyFile();
  if (!closed) throw brokenJson(count);
}

function element(text: string, index: number): Flat {
  try {
    return JSON.parse(text) as Flat;
  } catch (cause) {
    throw brokenJson(index, cause);
  }
}
