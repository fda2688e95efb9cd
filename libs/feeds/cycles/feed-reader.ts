import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { DomainError } from '#errors';
import type { Quote } from '#portfolios';
import { Threads, threadTask } from '#threads';
import { Clock } from '#time';
import type { CyclePrices } from './cycle-prices.js';
import { type FeedPage, FeedFetcher, TEXT_LOOKED_AT } from './feed-fetcher.js';
import { FeedLeasesRepository, type LeasedSource } from '../sources/feed-leases.repository.js';
import type { ItemWarning } from '../sources/feed-source.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';
import { unreadable, leaseLost, threadRefused } from '../feeds.errors.js';
import { REFUSED_DOCUMENTS } from '../feeds.metrics.js';
import { errorPageOf } from '../formats/error-page.js';
import type { FeedItem } from '../formats/feed-item.js';
import { mergeFilings } from '../formats/edgar-entries.js';
import type readDocument from '../formats/read-document.js';
import type { DocumentContent, SentItem } from '../formats/read-document.js';
import { SeenItemsRepository } from './seen-items.repository.js';

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
  fetchMs: number;
  parseMs: number;
}

/** A feed of 16 MB takes one second, and three on a shared core. */
const readDocumentTask = threadTask<typeof readDocument>({
  name: 'feeds-document',
  module: import.meta.resolve('../formats/read-document.js'),
  deadlineMs: 5_000,
  heapMb: 256,
});
/** Entries per page. EDGAR allows 10 to 100. */
const EDGAR_PAGE = 100;
const EDGAR_PAGES = 60;
const QUOTE_CHUNK = 100;

/** Fetches a source completely, page by page or chunk by chunk, and parses it. Writes nothing. */
@Injectable()
export class FeedReader {
  constructor(
    private readonly fetcher: FeedFetcher,
    private readonly leases: FeedLeasesRepository,
    private readonly seen: SeenItemsRepository,
    private readonly clock: Clock,
    private readonly threads: Threads,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
    @InjectMetric(REFUSED_DOCUMENTS) private readonly refusedDocuments: Counter<'code'>,
  ) {}

  /** Twice the request timeout, plus 15 s of waiting. */
  get leaseMs(): number {
    return this.config.timeoutMs * 2 + 15_000;
  }

  read(source: LeasedSource, prices: CyclePrices, signal: AbortSignal): Promise<Reading> {
    if (source.kind === 'edgar') return this.readPages(source, signal);
    if (source.kind === 'quotes-csv' || source.kind === 'quotes-json') return this.readQuotes(source, prices, signal);
    return this.readOne(source, signal);
  }

  /** Parses a recorded poll: its pages in order, as if they had been fetched. */
  async readRecorded(source: LeasedSource, pages: readonly FeedPage[], now: Date): Promise<Reading> {
    const reading = nothing(source);
    for (const page of pages) await this.add(reading, source, page, now);
    return { ...reading, items: mergedItems(reading.items) };
  }

  private async readOne(source: LeasedSource, signal: AbortSignal): Promise<Reading> {
    const reading = nothing(source);
    const page = await timed(reading, 'fetchMs', () => this.fetcher.fetch(source, source.url, true, signal));
    await this.addFirst(reading, source, page);
    return reading;
  }

  /** EDGAR lists the newest first, so the first page of known entries ends the crawl. */
  private async readPages(source: LeasedSource, signal: AbortSignal): Promise<Reading> {
    const reading = nothing(source);
    const pages = source.settings.pages ?? EDGAR_PAGES;
    for (let index = 0; index < pages; index++) {
      if (index > 0 && !(await this.leases.renew(source, this.leaseMs))) throw leaseLost();
      const page = await timed(reading, 'fetchMs', () =>
        this.fetcher.fetch(source, pageUrl(source.url, index), index === 0, signal),
      );
      if (index > 0 && (page === null || isPastTheEnd(page))) break;
      const before = reading.items.length;
      const entries = index === 0 ? await this.addFirst(reading, source, page) : await this.add(reading, source, page!);
      if (reading.unchanged) return reading;
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
      if (index > 0 && !(await this.leases.renew(source, this.leaseMs))) throw leaseLost();
      const page = await timed(reading, 'fetchMs', () => this.fetcher.fetch(source, url, urls.length === 1, signal));
      if (urls.length === 1) await this.addFirst(reading, source, page);
      else if (page !== null) await this.add(reading, source, page);
    }
    prices.put(reading.quotes);
    return reading;
  }

  /**
   * Adds the answer that shows whether the source has changed, and stores the validators of the next request. @returns
   * its number of entries
   */
  private async addFirst(reading: Reading, source: LeasedSource, page: FeedPage | null): Promise<number> {
    reading.status = page?.status ?? 304;
    reading.unchanged = page === null;
    if (page === null) return 0;
    reading.etag = page.etag;
    reading.lastModified = page.lastModified;
    const content = await this.contentOf(reading, source, page, this.clock.now(), source.bodyDigest);
    reading.bodyDigest = content.digest;
    reading.unchanged = content.unchanged;
    return content.unchanged ? 0 : this.take(reading, page, content);
  }

  /** @returns the number of entries of the page */
  private async add(reading: Reading, source: LeasedSource, page: FeedPage, now = this.clock.now()): Promise<number> {
    return this.take(reading, page, await this.contentOf(reading, source, page, now, null));
  }

  /**
   * Reads a document in a worker thread. Threads serve sources in rotation, so a source waits for at most one document
   * of each other source.
   */
  private contentOf(
    reading: Reading,
    source: LeasedSource,
    page: FeedPage,
    now: Date,
    known: string | null,
  ): Promise<DocumentContent> {
    return timed(reading, 'parseMs', async () => {
      // Copied before it is transferred to the thread: a small Buffer shares Node's pool.
      const body = new Uint8Array(page.body);
      const { kind, settings } = source;
      const input = { kind, body, contentType: page.contentType, quotes: settings.quotes, now, known };
      const content = await this.threads
        .run(readDocumentTask, input, { key: source.id, transfer: [body.buffer] })
        .catch((error: unknown) => {
          throw this.counted(threadRefused(error)) ?? error;
        });
      if ('refused' in content) throw this.counted(unreadable(content.refused));
      return content;
    });
  }

  private counted<E extends DomainError | undefined>(refusal: E): E {
    if (refusal !== undefined) this.refusedDocuments.inc({ code: refusal.code });
    return refusal;
  }

  private take(reading: Reading, page: FeedPage, content: DocumentContent): number {
    reading.bytes += page.body.length;
    reading.items.push(...receivedItems(content.items));
    for (const quote of content.quotes) reading.quotes.push(quote);
    reading.entries += content.entries;
    reading.unreadable += content.unreadable;
    reading.warnings.push(...cutOffWarning(page, this.config.maxBytes), ...content.warnings);
    return content.entries;
  }
}

function receivedItems(items: readonly SentItem[]): FeedItem[] {
  const bytes = (hex: string) => Buffer.from(hex, 'hex');
  return items.map((item) => ({ ...item, key: bytes(item.key), digest: bytes(item.digest) }));
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

function cutOffWarning(page: FeedPage, maxBytes: number): ItemWarning[] {
  return page.truncated ? [{ item: 'document', reason: `cut off at ${maxBytes} bytes, the maximum` }] : [];
}

function isPastTheEnd(page: FeedPage): boolean {
  return errorPageOf(page.body.subarray(0, TEXT_LOOKED_AT).toString('latin1'))?.kind === 'unavailable';
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
