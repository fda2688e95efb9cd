import type { FoundFiling } from '#filings';
import type { ItemWarning } from '../sources/feed-source.js';

/** What every item has: 16 bytes that say which it is, and 16 that change with what it says. */
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

/** What a document gave. `entries` counts what was there, readable or not, repeats too. */
export interface ParsedFeed {
  items: FeedItem[];
  entries: number;
  unreadable: number;
  warnings: ItemWarning[];
}

/** Warnings kept of a cycle; the rest are counted only. */
export const WARNINGS_KEPT = 20;
