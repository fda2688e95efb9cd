import type { QuoteSettings } from '../prices/quote-settings.dto.js';

/** Format of a source. RSS and Atom are detected, so either name reads both (and RDF). */
export const FEED_KINDS = ['rss', 'atom', 'json-feed', 'edgar', 'quotes-csv', 'quotes-json'] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

/** Order of day and month in dates such as `05/11/2025`. */
export const DATE_ORDERS = ['day-first', 'month-first'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** `fresh`: new or revised items. `empty`: readable, no new item. `unchanged`: the same bytes, or 304. */
export const CYCLE_OUTCOMES = ['fresh', 'empty', 'unchanged', 'failed'] as const;
export type CycleOutcome = (typeof CYCLE_OUTCOMES)[number];

/** A part of a feed that could not be read, and the reason. */
export interface ItemWarning {
  /** Title, id or position (`entry 12`) of the item. */
  item: string;
  reason: string;
}

/** Settings of some kinds. */
export interface SourceSettings {
  /** EDGAR: maximum number of pages per crawl. `start` and `count` are added to the URL. */
  pages?: number | undefined;
  /** News: default by the venue. */
  dateOrder?: DateOrder | undefined;
  /** News: http and https in guids and links identify the same item. */
  ignoreScheme?: boolean | undefined;
  quotes?: QuoteSettings | undefined;
}

/** The settings of a source. Times in ms. */
export interface NewFeedSource {
  name: string;
  kind: FeedKind;
  url: string;
  venue?: string | null | undefined;
  cadenceMs?: number | undefined;
  /** Time zone of times without one. Null: that of the venue, else UTC. */
  timeZone?: string | null | undefined;
  /** Number of items that alert although the feed held them before it was added. Default: 0. */
  alertOnFirst?: number | undefined;
  expectedEveryMs?: number | null | undefined;
  emptyLimit?: number | null | undefined;
  requestsPerSecond?: number | undefined;
  headers?: Record<string, string> | undefined;
  settings?: SourceSettings | undefined;
  enabled?: boolean | undefined;
  isDemo?: boolean | undefined;
}
