import type { FeedKind, ItemWarning } from '../sources/feed-source.js';
import { MAX_ENTRIES } from './document-limits.js';
import { edgarItems } from './edgar-entries.js';
import { edgarPage } from './edgar-page.js';
import { errorPageOf } from './error-page.js';
import type { FeedItem, ParsedFeed } from './feed-item.js';
import { haltItem, isHalt } from './halt-item.js';
import { jsonFeed } from './json-feed.js';
import { newsItem, type RawNews } from './news-item.js';
import { plainText } from './plain-text.js';
import { atMost, UnreadableDocument } from './unreadable-document.js';
import { type XmlEntry, xmlEntries } from './xml-entries.js';

/**
 * Returns the items of one document, each once. Unreadable entries become warnings with a reason.
 * @throws UnreadableDocument
 */
export async function parseFeed(kind: FeedKind, text: string): Promise<ParsedFeed> {
  refuseErrorPage(text);
  if (kind === 'json-feed') return onceEach(jsonFeed(text));
  const regular = kind === 'edgar' ? edgarPage(text) : undefined;
  const { entries, language, warnings } =
    regular === undefined ? await xmlEntries(text) : { entries: regular, language: null, warnings: [] };
  atMost('entries', entries.length, MAX_ENTRIES);
  if (kind === 'edgar') {
    const found = edgarItems(entries);
    return { ...found, entries: entries.length, warnings: [...warnings, ...found.warnings] };
  }
  const repeated = repeatedGuids(entries);
  const items: FeedItem[] = [];
  const unread: ItemWarning[] = [];
  entries.forEach((entry, index) => {
    const item = isHalt(entry) ? haltItem(entry) : newsItem(rawNews(entry, language), repeated.has(entry.guid ?? ''));
    if (typeof item !== 'string') items.push(item);
    else unread.push({ item: plainText(entry.title, 100) || `entry ${index + 1}`, reason: item });
  });
  return onceEach({ items, entries: entries.length, unreadable: unread.length, warnings: [...warnings, ...unread] });
}

/** @throws UnreadableDocument if the text is a web page */
export function refuseErrorPage(text: string): void {
  const page = errorPageOf(text);
  if (page === undefined) return;
  throw new UnreadableDocument({
    code: page.kind === 'rate-exceeded' ? 'FEEDS_RATE_EXCEEDED' : 'FEEDS_ERROR_PAGE',
    page,
  });
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
  return { ...feed, items: [...first.values()] };
}

/** Guids that occur with several links: a constant or the feed's own address identifies no item. */
function repeatedGuids(entries: readonly XmlEntry[]): Set<string> {
  const links = new Map<string, Set<string>>();
  for (const { guid, link, title } of entries) {
    if (guid) links.set(guid, (links.get(guid) ?? new Set()).add(link ?? title ?? ''));
  }
  return new Set([...links].filter(([, found]) => found.size > 1).map(([guid]) => guid));
}

function rawNews(entry: XmlEntry, language: string | null): RawNews {
  return {
    guid: entry.guid,
    link: entry.link,
    title: entry.title,
    content: entry.description,
    summary: entry.summary,
    author: entry.author,
    categories: entry.categories,
    listings: listingsOf(entry['rss:category']),
    language: textOf(entry['dc:language']) ?? textOf(entry['rss:language']) ?? language,
    publishedAt: entry.pubdate ?? entry.date,
  };
}

/** GlobeNewswire's form of listings: `<category domain=".../rss/stock">Nasdaq:FCEL</category>`. */
function listingsOf(categories: unknown): string[] {
  return [categories].flat().flatMap((category) => {
    const element = category as { '@'?: { domain?: unknown }; '#'?: unknown } | undefined;
    return /\/(stock|ticker|symbol)s?$/i.test(String(element?.['@']?.domain ?? ''))
      ? [String(element?.['#'] ?? '')]
      : [];
  });
}

function textOf(element: unknown): string | null {
  const value = (element as { '#'?: unknown } | undefined)?.['#'];
  return typeof value === 'string' && value !== '' ? value : null;
}
