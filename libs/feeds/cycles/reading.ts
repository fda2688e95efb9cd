import type { DomainError } from '#errors';
import type { Quote } from '#portfolios';
import { nothingReadable } from '../feeds.errors.js';
import { mergeFilings } from '../formats/edgar-entries.js';
import type { FeedItem } from '../formats/feed-item.js';
import type { LeasedSource } from '../sources/feed-leases.repository.js';
import type { ItemWarning } from '../sources/feed-source.js';

/** Result of reading a source once. */
export interface Reading {
  /** True after a 304 or the same bytes as last time. */
  unchanged: boolean;
  items: FeedItem[];
  quotes: Quote[];
  entries: number;
  unreadable: number;
  warnings: ItemWarning[];
  bytes: number;
  status: number | null;
  etag: string | null;
  lastModified: string | null;
  bodyDigest: string | null;
  /** URL to which the feed has moved for good. */
  movedTo: string | null;
  fetchMs: number;
  parseMs: number;
  /** Set if entries were found and none of them could be read. */
  failure?: DomainError;
}

/** Entries of which none can be read are a failure, and not a feed without news. */
export function checkedReading(reading: Reading): Reading {
  const { entries, unreadable: lost, items, quotes, warnings } = reading;
  if (entries === 0 || lost < entries || items.length > 0 || quotes.length > 0) return reading;
  return { ...reading, failure: nothingReadable(entries, warnings.at(-1)) };
}

/** A reading without any answer yet. */
export function emptyReading({ etag, lastModified, bodyDigest, movedTo }: LeasedSource): Reading {
  return {
    unchanged: false,
    items: [],
    quotes: [],
    entries: 0,
    unreadable: 0,
    warnings: [],
    bytes: 0,
    status: null,
    etag,
    lastModified,
    bodyDigest,
    movedTo,
    fetchMs: 0,
    parseMs: 0,
  };
}

/**
 * Merges items with the same key. The filers of a filing may be spread over two pages, and entries move to later pages
 * during a crawl.
 */
export function mergedItems(items: readonly FeedItem[]): FeedItem[] {
  const merged = new Map<string, FeedItem>();
  for (const item of items) {
    const key = item.key.toString('hex');
    const known = merged.get(key);
    merged.set(key, known?.kind === 'filing' && item.kind === 'filing' ? mergeFilings(known, item) : (known ?? item));
  }
  return [...merged.values()];
}
