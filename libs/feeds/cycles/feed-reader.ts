import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Quote } from '#portfolios';
import { Clock } from '#time';
import type { CyclePrices } from './cycle-prices.js';
import { type FeedPage, FeedFetcher } from './feed-fetcher.js';
import type { LeasedSource } from '../sources/feed-sources.repository.js';
import { FeedSourcesRepository } from '../sources/feed-sources.repository.js';
import type { ItemWarning } from '../sources/feed-source.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';
import { errorPage, leaseLost } from '../feeds.errors.js';
import { errorPageOf } from '../formats/error-page.js';
import type { FeedItem } from '../formats/feed-item.js';
import { mergeFilings } from '../formats/edgar-entries.js';
import { parseFeed } from '../formats/parse-feed.js';
import { decodeText } from '../formats/text-decoding.js';
import { csvQuotes, jsonQuotes } from '../formats/quote-records.js';
import { SeenItemsRepository } from './seen-items.repository.js';

/** All that came of asking a source once. */
export interface Reading {
  /** 304, or the same bytes as last time. */
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
  fetchMs: number;
  parseMs: number;
}

/** Raised when readers learn to read more: a document that did not change is read again then. */
const READER = 'feeds/2';
/** Entries a page, of those that EDGAR allows (10 to 100). */
const EDGAR_PAGE = 100;
const EDGAR_PAGES = 60;
const QUOTE_CHUNK = 100;

/** Asks a source for all it has to say, page by page or chunk by chunk, and reads it. Writes nothing. */
@Injectable()
export class FeedReader {
  constructor(
    private readonly fetcher: FeedFetcher,
    private readonly sources: FeedSourcesRepository,
    private readonly seen: SeenItemsRepository,
    private readonly clock: Clock,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
  ) {}

  /** A request and its wait, and as much again. */
  get leaseMs(): number {
    return this.config.timeoutMs * 2 + 15_000;
  }

  read(source: LeasedSource, prices: CyclePrices, signal: AbortSignal): Promise<Reading> {
    if (source.kind === 'edgar') return this.readPages(source, signal);
    if (source.kind === 'quotes-csv' || source.kind === 'quotes-json') return this.readQuotes(source, prices, signal);
    return this.readOne(source, signal);
  }

  /** A poll that was recorded: its pages in their order, as if they had been fetched. */
  async readRecorded(source: LeasedSource, pages: readonly FeedPage[], now: Date): Promise<Reading> {
    const reading = nothing(source);
    const quotes = source.kind === 'quotes-csv' || source.kind === 'quotes-json';
    for (const page of pages) {
      if (quotes) this.addQuotes(reading, source, page, now);
      else await this.addPage(reading, source, page);
    }
    return { ...reading, items: mergedItems(reading.items) };
  }

  private async readOne(source: LeasedSource, signal: AbortSignal): Promise<Reading> {
    const reading = nothing(source);
    const page = await timed(reading, 'fetchMs', () => this.fetcher.fetch(source, source.url, true, signal));
    if (this.isUnchanged(reading, source, page)) return { ...reading, unchanged: true };
    await this.addPage(reading, source, page!);
    return reading;
  }

  /** EDGAR: newest first, so a page on which all is known is the last one worth asking for. */
  private async readPages(source: LeasedSource, signal: AbortSignal): Promise<Reading> {
    const reading = nothing(source);
    const pages = source.settings.pages ?? EDGAR_PAGES;
    for (let index = 0; index < pages; index++) {
      if (index > 0 && !(await this.sources.renew(source, this.leaseMs))) throw leaseLost();
      const page = await timed(reading, 'fetchMs', () =>
        this.fetcher.fetch(source, pageUrl(source.url, index), index === 0, signal),
      );
      if (index === 0 && this.isUnchanged(reading, source, page)) return { ...reading, unchanged: true };
      if (page === null || (index > 0 && isPastTheEnd(page))) break;
      const before = reading.items.length;
      const entries = await this.addPage(reading, source, page);
      const found = reading.items.slice(before);
      if (entries < EDGAR_PAGE / 2 || (await this.seen.known(source.id, found)) === found.length) break;
    }
    return { ...reading, items: mergedItems(reading.items) };
  }

  private async readQuotes(source: LeasedSource, prices: CyclePrices, signal: AbortSignal): Promise<Reading> {
    const reading = nothing(source);
    const { broker, keys, chunk = QUOTE_CHUNK, separator = ',' } = source.settings.quotes!;
    const wanted = keys === undefined ? undefined : prices.missing(broker, keys);
    const urls =
      wanted === undefined
        ? [source.url]
        : chunked(wanted, chunk).map((some) =>
            source.url.replaceAll('{keys}', some.map(encodeURIComponent).join(separator)),
          );
    for (const [index, url] of urls.entries()) {
      if (index > 0 && !(await this.sources.renew(source, this.leaseMs))) throw leaseLost();
      const page = await timed(reading, 'fetchMs', () => this.fetcher.fetch(source, url, urls.length === 1, signal));
      if (urls.length === 1 && this.isUnchanged(reading, source, page)) return { ...reading, unchanged: true };
      if (page !== null) this.addQuotes(reading, source, page, this.clock.now());
    }
    prices.put(reading.quotes);
    return reading;
  }

  /** Notes what says next time that nothing changed, and whether it says so now. */
  private isUnchanged(reading: Reading, source: LeasedSource, page: FeedPage | null): boolean {
    if (page === null) {
      reading.status = 304;
      return true;
    }
    reading.status = page.status;
    reading.etag = page.etag;
    reading.lastModified = page.lastModified;
    reading.bodyDigest = createHash('sha256').update(READER).update(page.body).digest('base64url');
    return reading.bodyDigest === source.bodyDigest;
  }

  /** @returns the entries of the page */
  private async addPage(reading: Reading, source: LeasedSource, page: FeedPage): Promise<number> {
    return timed(reading, 'parseMs', async () => {
      const { text, warning } = decodeText(page.body, page.contentType);
      const found = await parseFeed(source.kind, text);
      reading.bytes += page.body.length;
      reading.items.push(...found.items);
      reading.entries += found.entries;
      reading.unreadable += found.unreadable;
      reading.warnings.push(...documentWarnings(page, warning, this.config.maxBytes), ...found.warnings);
      return found.entries;
    });
  }

  private addQuotes(reading: Reading, source: LeasedSource, page: FeedPage, now: Date): void {
    const from = performance.now();
    const { text, warning } = decodeText(page.body, page.contentType);
    const web = errorPageOf(text);
    if (web !== undefined) throw errorPage(web);
    const found = (source.kind === 'quotes-csv' ? csvQuotes : jsonQuotes)(text, source.settings.quotes!, now);
    reading.bytes += page.body.length;
    reading.quotes.push(...found.quotes);
    reading.entries += found.entries;
    reading.unreadable += found.warnings.length;
    reading.warnings.push(...documentWarnings(page, warning, this.config.maxBytes), ...found.warnings);
    reading.parseMs += performance.now() - from;
  }
}

function nothing({ etag, lastModified, bodyDigest }: LeasedSource): Reading {
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
    fetchMs: 0,
    parseMs: 0,
  };
}

/** The filers of a filing may be spread over two pages, and while pages are fetched entries move on to the next. */
export function mergedItems(items: readonly FeedItem[]): FeedItem[] {
  const merged = new Map<string, FeedItem>();
  for (const item of items) {
    const key = item.key.toString('hex');
    const known = merged.get(key);
    merged.set(key, known?.kind === 'filing' && item.kind === 'filing' ? mergeFilings(known, item) : (known ?? item));
  }
  return [...merged.values()];
}

function documentWarnings(page: FeedPage, encoding: string | null, maxBytes: number): ItemWarning[] {
  const cut = page.truncated ? [{ item: 'document', reason: `cut off at ${maxBytes} bytes, the maximum` }] : [];
  return encoding === null ? cut : [...cut, { item: 'document', reason: encoding }];
}

function isPastTheEnd(page: FeedPage): boolean {
  return errorPageOf(page.body.toString('latin1'))?.kind === 'unavailable';
}

function pageUrl(base: string, index: number): string {
  const url = new URL(base);
  url.searchParams.set('count', String(EDGAR_PAGE));
  url.searchParams.set('start', String(index * EDGAR_PAGE));
  return url.href;
}

function chunked<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}

async function timed<T>(reading: Reading, stage: 'fetchMs' | 'parseMs', work: () => Promise<T>): Promise<T> {
  const from = performance.now();
  try {
    return await work();
  } finally {
    reading[stage] += performance.now() - from;
  }
}
