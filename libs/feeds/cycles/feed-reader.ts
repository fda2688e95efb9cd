import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { DomainError } from '#errors';
import { Threads, threadTask } from '#threads';
import { Clock } from '#time';
import { type VenueName, Venues } from '#venues';
import type { CyclePrices } from './cycle-prices.js';
import { readInChunks } from './quote-chunks.js';
import { type FeedPage, FeedFetcher, TEXT_LOOKED_AT } from './feed-fetcher.js';
import { FeedLeasesRepository, type LeasedSource } from '../sources/feed-leases.repository.js';
import type { QuoteSettings } from '../prices/quote-settings.dto.js';
import type { DateOrder, ItemWarning } from '../sources/feed-source.js';
import { addressOf, isRemembered } from '../sources/moved-feed.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';
import { leaseLost, threadRefused, unreadable } from '../feeds.errors.js';
import { REFUSED_DOCUMENTS } from '../feeds.metrics.js';
import { errorPageOf } from '../formats/error-page.js';
import type { FeedItem } from '../formats/feed-item.js';
import type readDocument from '../formats/read-document.js';
import type { DocumentContent, SentItem } from '../formats/read-document.js';
import { checkedReading, emptyReading, mergedItems, type Reading } from './reading.js';
import { SeenItemsRepository } from './seen-items.repository.js';

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
/** How the countries of the venues write dates. The others have feeds with names of months only, or none of their own. */
const DATE_ORDER: Partial<Record<VenueName, DateOrder>> = {
  ...{ NSE: 'day-first', BSE: 'day-first', MCX: 'day-first', XLON: 'day-first', XETR: 'day-first' },
  ...{ NYSE: 'month-first', NASDAQ: 'month-first', EDGAR: 'month-first', CME_EQUITY: 'month-first' },
};

/** Fetches a source completely, page by page or chunk by chunk, and parses it. Writes nothing. */
@Injectable()
export class FeedReader {
  private readonly logger = new Logger(FeedReader.name);

  constructor(
    private readonly fetcher: FeedFetcher,
    private readonly leases: FeedLeasesRepository,
    private readonly seen: SeenItemsRepository,
    private readonly clock: Clock,
    private readonly threads: Threads,
    private readonly venues: Venues,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
    @InjectMetric(REFUSED_DOCUMENTS) private readonly refusedDocuments: Counter<'code'>,
  ) {}

  /** Twice the request timeout, plus 15 s of waiting. */
  get leaseMs(): number {
    return this.config.timeoutMs * 2 + 15_000;
  }

  async read(source: LeasedSource, prices: CyclePrices, signal: AbortSignal): Promise<Reading> {
    if (source.kind === 'edgar') return this.checked(await this.readPages(source, signal));
    if (source.kind === 'quotes-csv' || source.kind === 'quotes-json')
      return this.checked(await this.readQuotes(source, prices, signal));
    return this.checked(await this.readOne(source, signal));
  }

  /** Parses a recorded poll: its pages in order, as if they had been fetched. */
  async readRecorded(source: LeasedSource, pages: readonly FeedPage[], now: Date): Promise<Reading> {
    const reading = emptyReading(source);
    for (const page of pages) await this.add(reading, source, page, now);
    return this.checked({ ...reading, items: mergedItems(reading.items) });
  }

  private async readOne(source: LeasedSource, signal: AbortSignal): Promise<Reading> {
    const reading = emptyReading(source);
    const page = await timed(reading, 'fetchMs', () => this.fetcher.fetch(source, addressOf(source), true, signal));
    await this.addFirst(reading, source, page);
    return reading;
  }

  /** EDGAR lists the newest first, so the first page of known entries ends the crawl. */
  private async readPages(source: LeasedSource, signal: AbortSignal): Promise<Reading> {
    const reading = emptyReading(source);
    const pages = source.settings.pages ?? EDGAR_PAGES;
    for (let index = 0; index < pages; index++) {
      if (index > 0 && !(await this.leases.renew(source, this.leaseMs))) throw leaseLost();
      const page = await timed(reading, 'fetchMs', () =>
        this.fetcher.fetch(source, pageUrl(addressOf(source), index), index === 0, signal),
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
    const reading = emptyReading(source);
    const { broker, keys, chunk = QUOTE_CHUNK } = source.settings.quotes!;
    const wanted = keys === undefined ? [[]] : chunked(prices.missing(broker, keys), chunk);
    await readInChunks(wanted, reading, {
      renew: async () => {
        if (!(await this.leases.renew(source, this.leaseMs))) throw leaseLost();
      },
      read: (some) => this.readKeys(reading, source, some, wanted.length === 1 && some === wanted[0], signal),
    });
    prices.put(reading.quotes);
    return reading;
  }

  /** Requests keys at once. Only a source of one request can be asked for what is new. */
  private async readKeys(
    reading: Reading,
    source: LeasedSource,
    keys: readonly string[],
    conditional: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { separator = ',' } = source.settings.quotes!;
    const url =
      keys.length === 0
        ? addressOf(source)
        : source.url.replaceAll('{keys}', keys.map(encodeURIComponent).join(separator));
    const page = await timed(reading, 'fetchMs', () => this.fetcher.fetch(source, url, conditional, signal));
    if (conditional) await this.addFirst(reading, source, page);
    else if (page !== null) await this.add(reading, source, page);
  }

  /**
   * Adds the answer that shows whether the source has changed, and stores the validators of the next request. @returns
   * its number of entries
   */
  private async addFirst(reading: Reading, source: LeasedSource, page: FeedPage | null): Promise<number> {
    reading.status = page?.status ?? 304;
    reading.unchanged = page === null;
    if (page === null) return 0;
    if (
      page.movedTo &&
      !source.url.includes('{keys}') &&
      isRemembered({ ...source, url: addressOf(source) }, page.movedTo)
    )
      reading.movedTo = page.movedTo;
    const content = await this.contentOf(reading, source, page, this.clock.now(), source.bodyDigest);
    // After it was read: an answer that cannot be read must not make the next one "unchanged".
    reading.etag = page.etag;
    reading.lastModified = page.lastModified;
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
      const { kind } = source;
      const options = { ...this.optionsOf(source), url: page.url ?? source.url };
      const input = { kind, body, contentType: page.contentType, quotes: this.quotesOf(source), options, now, known };
      const content = await this.threads
        .run(readDocumentTask, input, { key: source.id, transfer: [body.buffer] })
        .catch((error: unknown) => {
          throw this.counted(threadRefused(error)) ?? error;
        });
      if ('refused' in content) throw this.counted(unreadable(content.refused));
      for (const fault of content.faults)
        this.logger.error({ msg: 'a part of a feed cannot be read because of an error', source: source.name, fault });
      return content;
    });
  }

  /** Settings of quotes, with the close of a day as the venue of the source keeps it. */
  private quotesOf({ settings: { quotes }, venue }: LeasedSource): QuoteSettings | undefined {
    if (quotes === undefined || venue === null) return quotes;
    const closes = this.venues.calendar(venue).rules.sessions.at(-1)?.[1];
    const closesAt = closes !== undefined && /^(?:[01]\d|2[0-3]):/.test(closes) ? closes : undefined;
    return { ...quotes, closesAt: quotes.closesAt ?? closesAt };
  }

  /** What the source says about times, by itself or by its venue. */
  private optionsOf({ venue, timeZone, settings }: LeasedSource) {
    return {
      timeZone: timeZone ?? (venue === null ? undefined : this.venues.calendar(venue).rules.timeZone),
      dateOrder: settings.dateOrder ?? (venue === null ? undefined : DATE_ORDER[venue]),
      ignoreScheme: settings.ignoreScheme,
    };
  }

  private checked(reading: Reading): Reading {
    const result = checkedReading(reading);
    this.counted(result.failure);
    return result;
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
