/** What a source speaks. RSS and Atom are told apart by what comes, so either name reads both (and RDF). */
export const FEED_KINDS = ['rss', 'atom', 'json-feed', 'edgar', 'quotes-csv', 'quotes-json'] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

/** `fresh`: something new or revised. `empty`: understood, nothing new. `unchanged`: the same bytes, or 304. */
export type CycleOutcome = 'fresh' | 'empty' | 'unchanged' | 'failed';

/** Something of a feed that could not be read as it should be, and why. */
export interface ItemWarning {
  /** Which: its title, id or place (`entry 12`). */
  item: string;
  reason: string;
}

/** How prices are read from a quote source. */
export interface QuoteSettings {
  /** The namespace of the keys. */
  broker: string;
  /** Asked for in chunks; the URL has `{keys}` in it. Without it the URL is fetched as it is. */
  keys?: string[] | undefined;
  /** Keys a request. */
  chunk?: number | undefined;
  /** Between the keys of a request; `,` by default. */
  separator?: string | undefined;
  /** Columns of a CSV, or paths (`ohlc.close`) of a JSON element. */
  key?: string | undefined;
  price?: string | undefined;
  time?: string | undefined;
  previousClose?: string | undefined;
  /** Where the list or object of quotes is in a JSON answer: `data`. An object's names are the keys. */
  items?: string | undefined;
  /** The one key of a file that has none (bars of one index). */
  fixedKey?: string | undefined;
  /** Of times without a zone. */
  timeZone?: string | undefined;
}

/** What only some kinds need. */
export interface SourceSettings {
  /** EDGAR: pages of one crawl, at most; `start` and `count` are put into the URL. */
  pages?: number | undefined;
  quotes?: QuoteSettings | undefined;
}

/** A source as it is asked for. Times in ms. */
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
