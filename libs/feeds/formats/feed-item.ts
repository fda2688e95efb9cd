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

/** The result of reading a document. `entries` counts all entries, also unreadable and repeated ones. */
export interface ParsedFeed {
  items: FeedItem[];
  entries: number;
  unreadable: number;
  warnings: ItemWarning[];
}

/** Maximum number of warnings kept per cycle. More are only counted. */
export const WARNINGS_KEPT = 20;
