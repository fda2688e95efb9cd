import papaparse from 'papaparse';
import type { QuoteSettings } from '../prices/quote-settings.dto.js';
import { MAX_COLUMNS, MAX_FIELD, MAX_QUOTES } from './document-limits.js';
import { jsonDocument } from './json-document.js';
import { type ParsedQuotes, type PricedRow, QuoteRows } from './quote-rows.js';
import { atMost, notAFeed } from './unreadable-document.js';

/** Reads a CSV with a header, one price per row. @throws UnreadableDocument */
export function csvQuotes(text: string, settings: QuoteSettings, now: Date): ParsedQuotes {
  const document = text.replace(/^\uFEFF/, '');
  boundLines(document);
  const { data, meta } = papaparse.parse<Record<string, string | undefined>>(document, {
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: (name) => name.trim(),
  });
  if ((meta.fields?.length ?? 0) < 2 && data.length === 0)
    throw notAFeed(`it is not a CSV with a header (it starts with ${JSON.stringify(text.slice(0, 60))})`);
  for (const row of data)
    for (const field of Object.values(row))
      if (typeof field === 'string' && field.length > MAX_FIELD)
        atMost('characters in a field', field.length, MAX_FIELD);
  const rows = new QuoteRows(settings, now);
  rows.checkHeader(meta.fields ?? []);
  for (const fields of data) rows.add({ fields, name: undefined });
  return rows.quotes();
}

/**
 * Reads a JSON list of quotes, or an object of quotes by key. Numbers keep every digit of the document. @throws
 * UnreadableDocument
 */
export function jsonQuotes(text: string, settings: QuoteSettings, now: Date): ParsedQuotes {
  const document = jsonDocument(text, (_key, value, context) =>
    typeof value === 'number' ? (context?.source ?? String(value)) : value,
  );
  const found = settings.items === undefined ? document : at(document, settings.items);
  if (typeof found !== 'object' || found === null)
    throw notAFeed(`there is no list or object of quotes${settings.items ? ` at ${settings.items}` : ''}`);
  const named = Array.isArray(found)
    ? found.map((element: unknown) => ({ element, name: undefined }))
    : Object.entries(found).map(([name, element]) => ({ element: element as unknown, name }));
  atMost('quotes', named.length, MAX_QUOTES);
  const flattened = named.map(({ element, name }): PricedRow => ({ fields: flat(element), name }));
  const rows = new QuoteRows(settings, now);
  rows.checkElements(flattened);
  for (const row of flattened) rows.add(row);
  return rows.quotes();
}

/** Checks lines, columns of the header and the length of each before a parser builds objects of them. */
function boundLines(text: string): void {
  let lines = 0;
  for (let at = 0; at <= text.length; lines++) {
    const end = text.indexOf('\n', at);
    const next = end < 0 ? text.length : end;
    if (next - at > MAX_FIELD) atMost('characters in a line', next - at, MAX_FIELD);
    if (lines === 0) atMost('columns', text.slice(at, next).split(/[,;\t|]/).length, MAX_COLUMNS);
    if (lines > MAX_QUOTES) atMost('lines', lines, MAX_QUOTES);
    at = next + 1;
  }
}

/** Longer paths cannot be named by a source. Each field of a deep element would repeat its path. */
const MAX_PATH = 500;

/** Flattens names to paths with dots, and values to text. */
function flat(element: unknown): PricedRow['fields'] {
  if (typeof element !== 'object' || element === null) return { price: String(element) };
  const row: PricedRow['fields'] = {};
  let fields = 0;
  const add = (object: object, prefix: string): void => {
    for (const [name, value] of Object.entries(object) as [string, unknown][]) {
      if (++fields > MAX_COLUMNS) atMost('fields in an element', fields, MAX_COLUMNS);
      const path = prefix + name;
      if (path.length > MAX_PATH) continue;
      if (typeof value === 'object' && value !== null) add(value, `${path}.`);
      else if (value !== null) row[path] = String(value as string | number | boolean);
    }
  };
  add(element, '');
  return row;
}

function at(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], document);
}
