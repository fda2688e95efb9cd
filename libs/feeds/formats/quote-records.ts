import papaparse from 'papaparse';
import type { Quote } from '#portfolios';
import { decimalString } from '#decimal';
import { momentIn } from '#time';
import type { ItemWarning, QuoteSettings } from '../sources/feed-source.js';
import { MAX_COLUMNS, MAX_FIELD, MAX_QUOTES } from './document-limits.js';
import { jsonDocument } from './json-document.js';
import { plainText } from './plain-text.js';
import { atMost, notAFeed } from './unreadable-document.js';

export interface ParsedQuotes {
  quotes: Quote[];
  entries: number;
  warnings: ItemWarning[];
}

type Row = Record<string, string | undefined>;

/** Usual names of the columns, tried in this order, case-insensitive. */
const USUAL = {
  key: ['key', 'symbol', 'ticker', 'instrument_token', 'tradingsymbol'],
  price: ['price', 'last_price', 'last', 'ltp', 'close'],
  time: ['time', 'timestamp', 'last_trade_time', 'date', 'datetime'],
  previousClose: ['previous_close', 'previousclose', 'prev_close', 'ohlc.close'],
} as const;

/** Reads a CSV with a header, one price per row. @throws UnreadableDocument */
export function csvQuotes(text: string, settings: QuoteSettings, now: Date): ParsedQuotes {
  const document = text.replace(/^\uFEFF/, '');
  boundLines(document);
  const { data, meta } = papaparse.parse<Row>(document, {
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
  return quotesOf(
    data.map((row) => ({ row, name: undefined })),
    settings,
    now,
  );
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
  return quotesOf(
    named.map(({ element, name }) => ({ row: flat(element), name })),
    settings,
    now,
  );
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

function quotesOf(
  rows: readonly { row: Row; name: string | undefined }[],
  settings: QuoteSettings,
  now: Date,
): ParsedQuotes {
  const warnings: ItemWarning[] = [];
  const latest = new Map<string, Quote>();
  rows.forEach(({ row, name }, index) => {
    const quote = quoteOf(row, name, settings, now);
    if (typeof quote === 'string') return void warnings.push({ item: name ?? `row ${index + 1}`, reason: quote });
    const known = latest.get(quote.key);
    if (known === undefined || Date.parse(known.asOf) <= Date.parse(quote.asOf)) latest.set(quote.key, quote);
  });
  return { quotes: [...latest.values()], entries: rows.length, warnings };
}

function quoteOf(row: Row, name: string | undefined, settings: QuoteSettings, now: Date): Quote | string {
  const key = plainText(
    settings.fixedKey ?? (settings.key === undefined ? (name ?? pick(row, USUAL.key)) : row[settings.key]),
    200,
  );
  if (key === '') return 'no key';
  const price = (settings.price === undefined ? pick(row, USUAL.price) : row[settings.price])?.trim();
  if (price === undefined || !decimalString.safeParse(price).success)
    return `the price ${JSON.stringify(price ?? null)} of ${key} is not a decimal number`;
  const time = settings.time === undefined ? pick(row, USUAL.time) : row[settings.time];
  const asOf = time === undefined || time.trim() === '' ? now : momentOf(time.trim(), settings.timeZone ?? 'UTC');
  if (asOf === null) return `the time ${JSON.stringify(time)} of ${key} cannot be read`;
  if (asOf.getTime() > now.getTime() + AHEAD_MS) return `the time ${JSON.stringify(time)} of ${key} lies in the future`;
  const close = (
    settings.previousClose === undefined ? pick(row, USUAL.previousClose) : row[settings.previousClose]
  )?.trim();
  const previousClose = close !== undefined && decimalString.safeParse(close).success ? { previousClose: close } : {};
  return { broker: settings.broker, key, price, asOf: asOf.toISOString(), ...previousClose };
}

/**
 * Tolerated clock difference of providers. Beyond portfolios' `aheadToleranceMs` a quote would be refused together with
 * its whole batch.
 */
const AHEAD_MS = 60_000;

/**
 * Parses RFC 3339, seconds or ms since 1970, `2021-06-08 15:45:56`, `11/5/2019 9:30` (month first), or a day. The zone
 * applies to times without one.
 */
function momentOf(text: string, timeZone: string): Date | null {
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return new Date(Number(text) * 1_000);
  if (/^\d{12,13}$/.test(text)) return new Date(Number(text));
  if (/\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$/i.test(text))
    return valid(Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')));
  const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?$/.exec(text);
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(text);
  if (iso === null && american === null) return null;
  const [year, month, day] = iso ? [iso[1], iso[2], iso[3]] : [american![3], american![1], american![2]];
  const [hour = '0', minute = '00', second = '00'] = (iso ?? american!).slice(4) as (string | undefined)[];
  const at = `${hour.padStart(2, '0')}:${minute}:${second}`;
  return momentIn(timeZone, `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`, at) ?? null;
}

function valid(ms: number): Date | null {
  return Number.isNaN(ms) ? null : new Date(ms);
}

function pick(row: Row, names: readonly string[]): string | undefined {
  const columns = Object.keys(row);
  for (const name of names) {
    const column = columns.find((one) => one.toLowerCase() === name);
    if (column !== undefined && row[column] !== '') return row[column];
  }
  return undefined;
}

/** Longer paths cannot be named by a source. Each field of a deep element would repeat its path. */
const MAX_PATH = 500;

/** Flattens names to paths with dots, and values to text. */
function flat(element: unknown): Row {
  if (typeof element !== 'object' || element === null) return { price: String(element) };
  const row: Row = {};
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
