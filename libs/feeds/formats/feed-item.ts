import type { FoundFiling } from '#filings';
import type { ItemWarning } from '../sources/feed-source.js';

/** Common fields of items: 16 bytes of the identity's hash, and 16 bytes of the content's hash. */
interface Claimable {
  key: Buffer;
  digest: Buffer;
  title: string;
}

export interface NewsItem extends Claimable {
  kind: 'news';
  link: string | null;
  summary: string;
  author: string | null;
  categories: string[];
  tickers: string[];
  listings: string[];
  language: string | null;
  publishedAt: Date | null;
}

export interface HaltItem extends Claimable {
  kind: 'halt';
  symbol: string;
  name: string;
  market: string;
  reasonCode: string;
  haltedAt: Date;
  resumesQuotingAt: Date | null;
  resumesTradingAt: Date | null;
  pauseThresholdPrice: string | null;
}

/** All entries of one accession number. */
export interface FilingItem extends Claimable {
  kind: 'filing';
  filing: FoundFiling;
}

export type FeedItem = NewsItem | HaltItem | FilingItem;

/** The result of reading a document. Each entry is an item, or unreadable, or repeats an item. */
export interface ParsedFeed {
  items: FeedItem[];
  entries: number;
  unreadable: number;
  repeated: number;
  warnings: ItemWarning[];
  /** Errors of this program, for its log. */
  faults: unknown[];
}

/** Maximum number of warnings kept per cycle. More are only counted. */
export const WARNINGS_KEPT = 20;
const FAULTS_KEPT = 3;

/** What an entry says to operators about a part of it that is dropped. */
export type Note = (reason: string) => void;

/**
 * Reads entries one by one, so that one that cannot be read costs only itself. An error of this program is never shown
 * as a reason.
 * @param read returns the reason as text if nothing can be made of an entry
 */
export function readEach<Entry, Item>(
  entries: readonly Entry[],
  nameOf: (entry: Entry, index: number) => string,
  read: (entry: Entry, note: Note) => Item | string,
): { read: Item[] } & Pick<ParsedFeed, 'unreadable' | 'warnings' | 'faults'> {
  const found = { read: [] as Item[], unreadable: 0, warnings: [] as ItemWarning[], faults: [] as unknown[] };
  entries.forEach((entry, index) => {
    const reasons: string[] = [];
    let item: Item | string;
    try {
      item = read(entry, (reason) => void reasons.push(reason));
    } catch (error) {
      if (found.faults.length < FAULTS_KEPT) found.faults.push(error);
      item = INTERNAL;
    }
    if (typeof item === 'string') {
      found.unreadable += 1;
      reasons.push(item);
    } else found.read.push(item);
    for (const reason of reasons) found.warnings.push({ item: nameOf(entry, index), reason });
  });
  return found;
}

/** The reason of an entry on which this program fails. The log has the error. */
export const INTERNAL = 'it cannot be read because of an internal error, which is in the log';
