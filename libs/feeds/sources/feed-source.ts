/** Format of a source. RSS and Atom are detected, so either name reads both (and RDF). */
export const FEED_KINDS = ['rss', 'atom', 'json-feed', 'edgar', 'quotes-csv', 'quotes-json'] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

/** `fresh`: new or revised items. `empty`: readable, no new item. `unchanged`: the same bytes, or 304. */
export type CycleOutcome = 'fresh' | 'empty' | 'unchanged' | 'failed';

/** A part of a feed that could not be read, and the reason. */
export interface ItemWarning {
  /** Title, id or position (`entry 12`) of the item. */
  item: string;
  reason: string;
}

/** Settings for reading prices from a quote source. */
export interface QuoteSettings {
  /** Namespace of the keys. */
  broker: string;
  /** Keys to request, in chunks, with `{keys}` in the URL. Without keys the URL is fetched unchanged. */
  keys?: string[] | undefined;
  /** Keys per request. */
  chunk?: number | undefined;
  /** Separator of the keys in a request. Default: `,`. */
  separator?: string | undefined;
  /** Columns of a CSV, or paths (`ohlc.close`) of a JSON element. */
  key?: string | undefined;
  price?: string | undefined;
  time?: string | undefined;
  previousClose?: string | undefined;
  /** Path of the list or object of quotes in a JSON answer, such as `data`. The names of an object are the keys. */
  items?: string | undefined;
  /** The key of a file without keys (bars of one index). */
  fixedKey?: string | undefined;
  /** Time zone of times without one. */
  timeZone?: string | undefined;
}

/** Settings of some kinds. */
export interface SourceSettings {
  /** EDGAR: maximum number of pages per crawl. `start` and `count` are added to the URL. */
  pages?: number | undefined;
  quotes?: QuoteSettings | undefined;
}

/** The settings of a source. Times in ms. */
export interface NewFeedSource {
  name: string;
  kind: FeedKind;
  url: string;
  venue?: string | null | undefined;
  cadenceMs?: number | undefined;
  expectedEveryMs?: number | null | undefined;
  emptyLimit?: number | null | undefined;
  requestsPerSecond?: number | undefined;
  headers?: Record<string, string> | undefined;
  settings?: SourceSettings | undefined;
  enabled?: boolean | undefined;
  isDemo?: boolean | undefined;
}
