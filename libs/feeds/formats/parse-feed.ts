import type { DateOrder, FeedKind } from '../sources/feed-source.js';
import { MAX_ENTRIES } from './document-limits.js';
import { EDGAR_ZONE, edgarItems } from './edgar-entries.js';
import { edgarPage } from './edgar-page.js';
import { errorPageOf } from './error-page.js';
import { type FeedItem, type Note, type ParsedFeed, readEach } from './feed-item.js';
import { feedTime, type TimeStyle } from './feed-time.js';
import { haltItem, isHalt } from './halt-item.js';
import { jsonFeed } from './json-feed.js';
import { newsItem, type RawNews } from './news-item.js';
import { plainText } from './plain-text.js';
import { atMost, UnreadableDocument } from './unreadable-document.js';
import { xmlEntries, type XmlFeed } from './xml-entries.js';
import type { XmlEntry } from './xml-entry.js';

/** What a source says about its documents. */
export interface FeedOptions {
  /** URL of the document. Relative links without another base refer to it. */
  url?: string | undefined;
  /** Time zone of times without one. Default: UTC; for EDGAR that of New York. */
  timeZone?: string | undefined;
  dateOrder?: DateOrder | undefined;
  ignoreScheme?: boolean | undefined;
  /** Default: now. */
  now?: Date | undefined;
}

/**
 * Returns the items of one document, each once. Unreadable entries become warnings with a reason.
 * @throws UnreadableDocument
 */
export async function parseFeed(kind: FeedKind, text: string, options: FeedOptions = {}): Promise<ParsedFeed> {
  refuseErrorPage(text);
  const { url, ignoreScheme = false, dateOrder, now = new Date() } = options;
  const timeZone = options.timeZone ?? (kind === 'edgar' ? EDGAR_ZONE : 'UTC');
  const style = { timeZone, dateOrder, now };
  if (kind === 'json-feed') return onceEach(jsonFeed(text, { url, ignoreScheme, style }));
  const page = kind === 'edgar' ? edgarPage(text) : undefined;
  const feed = page === undefined ? await xmlEntries(text) : regular(page);
  atMost('entries', feed.entries.length, MAX_ENTRIES);
  const found =
    kind === 'edgar'
      ? edgarItems(feed.entries, style, feed.company)
      : onceEach(newsAndHalts(feed, style, { url, ignoreScheme }));
  return {
    ...found,
    entries: found.entries + feed.lost,
    unreadable: found.unreadable + feed.lost,
    warnings: [...feed.warnings, ...found.warnings],
    faults: [...feed.faults, ...found.faults],
  };
}

/** @throws UnreadableDocument if the text is a web page */
export function refuseErrorPage(text: string): void {
  const page = errorPageOf(text);
  if (page === undefined) return;
  throw new UnreadableDocument({ code: CODES[page.kind], page });
}

const CODES = {
  'rate-exceeded': 'FEEDS_RATE_EXCEEDED',
  'undeclared-tool': 'FEEDS_CONTACT_REQUIRED',
  unavailable: 'FEEDS_ERROR_PAGE',
  'web-page': 'FEEDS_ERROR_PAGE',
} as const;

function regular(entries: XmlEntry[]): XmlFeed {
  return { entries, language: null, company: undefined, lost: 0, warnings: [], faults: [] };
}

function newsAndHalts(
  { entries, language }: XmlFeed,
  style: TimeStyle,
  options: { url: string | undefined; ignoreScheme: boolean },
): ParsedFeed {
  const repeated = repeatedGuids(entries);
  const { read, ...found } = readEach<XmlEntry, FeedItem>(
    entries,
    ({ title }, index) => plainText(title, 100) || `entry ${index + 1}`,
    (entry, note) =>
      isHalt(entry)
        ? haltItem(entry, note)
        : newsItem(rawNews(entry, language, style, note), { ...options, repeated: repeated.has(entry.guid ?? '') }),
  );
  return { ...found, items: read, entries: entries.length, repeated: 0 };
}

/**
 * Of entries with the same identity the first is used. With the last, two versions would revise each other at each
 * poll.
 */
function onceEach(feed: ParsedFeed): ParsedFeed {
  const first = new Map<string, FeedItem>();
  for (const item of feed.items) {
    const key = item.key.toString('hex');
    if (!first.has(key)) first.set(key, item);
  }
  return { ...feed, items: [...first.values()], repeated: feed.items.length - first.size };
}

/** Guids that occur with several links: a constant or the feed's own address identifies no item. */
function repeatedGuids(entries: readonly XmlEntry[]): Set<string> {
  const links = new Map<string, Set<string>>();
  for (const { guid, link, title } of entries) {
    if (guid) links.set(guid, (links.get(guid) ?? new Set()).add(link ?? title ?? ''));
  }
  return new Set([...links].filter(([, found]) => found.size > 1).map(([guid]) => guid));
}

function rawNews(entry: XmlEntry, language: string | null, style: TimeStyle, note: Note): RawNews {
  const { guid, link, title, content, summary, author, categories, listings, dates } = entry;
  const publishedAt = firstTime(dates, style, note);
  return {
    guid,
    link,
    title,
    content,
    summary,
    author,
    categories,
    listings,
    publishedAt,
    language: entry.language ?? language,
  };
}

/** The best date that can be read. */
function firstTime(dates: readonly string[], style: TimeStyle, note: Note): Date | null {
  for (const written of dates) {
    const at = feedTime(written, style);
    if (typeof at !== 'string') return at;
    note(at);
  }
  return null;
}
