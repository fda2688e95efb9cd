import { gunzipSync } from 'node:zlib';
import { canonicalTicker } from '#forms';
import { cleanLine } from '#text';
import { tickersUnreadable } from '../filings.errors.js';

/** A ticker of a filer in a file of the SEC. */
export interface FilerTicker {
  /** Ten digits. */
  cik: string;
  ticker: string;
  name: string;
  /** Place among the tickers of its filer, from 0. The file lists the main one first. */
  place: number;
}

/** A ticker file as it was read. */
export interface TickerFile {
  tickers: FilerTicker[];
  /** Number of entries that are no pair of CIK and ticker. */
  skipped: number;
  /** The first skipped entries, with their reason. */
  problems: { entry: string; reason: string }[];
}

/** A file that inflates to more is no ticker file: that of 2024 has 780 KB. */
const MAX_TEXT_BYTES = 67_108_864;
const MAX_PROBLEMS = 20;
const TICKER = /^[A-Z0-9][A-Z0-9.-]{0,11}$/;
const NAME_LENGTH = 200;

/**
 * Reads a ticker file of the SEC, plain or gzip: `company_tickers.json` (an object of entries), `company_tickers_exchange.json`
 * (`fields` and `data`), or `ticker.txt` (a ticker and a CIK per line). A repeated pair counts once.
 * @throws DomainError FILINGS_TICKERS_UNREADABLE if it has none of these forms, or no entry can be read
 */
export function readTickerFile(bytes: Uint8Array): TickerFile {
  const text = textOf(bytes);
  const entries = entriesOf(text);
  const tickers = new Map<string, FilerTicker>();
  const places = new Map<string, number>();
  const file: TickerFile = { tickers: [], skipped: 0, problems: [] };
  for (const entry of entries) {
    const read = tickerOf(entry);
    if (typeof read === 'string') {
      file.skipped += 1;
      if (file.problems.length < MAX_PROBLEMS)
        file.problems.push({ entry: JSON.stringify(entry).slice(0, 100), reason: read });
      continue;
    }
    const key = `${read.cik} ${read.ticker}`;
    if (tickers.has(key)) continue;
    const place = places.get(read.cik) ?? 0;
    places.set(read.cik, place + 1);
    tickers.set(key, { ...read, place });
  }
  if (tickers.size === 0) throw tickersUnreadable(beginningOf(text));
  return { ...file, tickers: [...tickers.values()] };
}

function textOf(bytes: Uint8Array): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return Buffer.from(bytes).toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_TEXT_BYTES }).toString('utf8');
  } catch (cause) {
    throw tickersUnreadable('gzip that cannot be unpacked', cause);
  }
}

type Entry = Record<string, unknown>;

function entriesOf(text: string): Entry[] {
  const trimmed = text.replace(/^\ufeff/, '').trim();
  if (/^[\w.-]{1,12}\t\d{1,10}\s*$/m.test(trimmed.slice(0, 200)) && !/^[[{]/.test(trimmed)) {
    return trimmed.split(/\r?\n/).map((line) => {
      const [ticker, cik] = line.split('\t');
      return { ticker, cik };
    });
  }
  let content: unknown;
  try {
    content = JSON.parse(trimmed);
  } catch (cause) {
    throw tickersUnreadable(beginningOf(text), cause);
  }
  if (typeof content !== 'object' || content === null) throw tickersUnreadable(beginningOf(text));
  const { fields, data } = content as { fields?: unknown; data?: unknown };
  if (Array.isArray(fields) && Array.isArray(data))
    return data.map((row: unknown) =>
      Array.isArray(row) ? Object.fromEntries(fields.map((field, at) => [String(field), row[at] as unknown])) : {},
    );
  return Object.values(content).map((entry: unknown) =>
    typeof entry === 'object' && entry !== null ? (entry as Entry) : { entry },
  );
}

function tickerOf(entry: Entry): Omit<FilerTicker, 'place'> | string {
  const cik = String(entry['cik_str'] ?? entry['cik'] ?? '').trim();
  if (!/^\d{1,10}$/.test(cik) || Number(cik) === 0) return 'no CIK of up to ten digits';
  const given = entry['ticker'] ?? entry['symbol'];
  const ticker = typeof given === 'string' ? canonicalTicker(given) : '';
  if (!TICKER.test(ticker)) return 'no ticker of up to 12 letters, digits, . and -';
  const name = entry['title'] ?? entry['name'];
  return {
    cik: cik.padStart(10, '0'),
    ticker,
    name: typeof name === 'string' ? cleanLine(name).slice(0, NAME_LENGTH) : '',
  };
}

function beginningOf(text: string): string {
  return JSON.stringify(cleanLine(text.slice(0, 60)));
}
