import { Inject, Injectable } from '@nestjs/common';
import { type Cache, Caches } from '#caching';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { Clock, dayIn } from '#time';
import { contractQuery } from './contract-query.js';
import type { Combination, InstrumentFilter, SearchKey } from './instrument-filter.js';
import { type FoundRow, InstrumentSearchRepository } from './instrument-search.repository.js';
import {
  type ChainKey,
  InstrumentSeriesRepository,
  type OptionRow,
  type SeriesRow,
} from './instrument-series.repository.js';
import { searchWords } from './search-words.js';
import { seriesNotFound } from './series.errors.js';
import type { InstrumentRow } from '../masters/instrument-row.js';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';
import { instrumentNotFound } from '../instruments.errors.js';
import { InstrumentsRepository } from './instruments.repository.js';

/** Maximum age of a cached page. An import drops all pages earlier, in every process. */
const PAGE_MS = 60_000;
const MAX_PAGES = 2_000;
const MAX_PAGES_BYTES = 16 * 1024 * 1024;

/** Searches and reads contracts. */
@Injectable()
export class InstrumentsService {
  private readonly pages: Cache<FoundRow[]>;

  constructor(
    private readonly caches: Caches,
    private readonly changes: Changes,
    private readonly transactions: Transactions,
    private readonly searches: InstrumentSearchRepository,
    private readonly series: InstrumentSeriesRepository,
    private readonly instruments: InstrumentsRepository,
    private readonly clock: Clock,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
  ) {
    this.pages = caches.open<FoundRow[]>('instrument_pages', {
      ...{ maxItems: MAX_PAGES, maxBytes: MAX_PAGES_BYTES },
      ...{ topic: 'instruments', anyChange: true, shared: { shape: 1 } },
    });
  }

  /** Searches, ordered by rank, symbol and id. @param after sort key of the last contract seen */
  search(filter: InstrumentFilter, limit: number, after?: SearchKey): Promise<readonly FoundRow[]> {
    const today = this.today();
    const key = JSON.stringify([
      Object.entries(filter).sort(([one], [other]) => (one < other ? -1 : 1)),
      limit,
      after,
      today,
    ]);
    return this.pages.getOrLoad(key, PAGE_MS, () =>
      this.transactions.readSnapshot(() => this.find(filter, limit, today, after)),
    );
  }

  private async find(given: InstrumentFilter, limit: number, today: string, after?: SearchKey): Promise<FoundRow[]> {
    if (given.keys !== undefined) return this.instruments.ofKeys(given, limit, after);
    if (given.query === undefined) return this.searches.search(given, limit, after);
    const { filter, contract } = readingOf(given.query, given);
    const described = contract && (await this.series.search(contract, filter, limit, today, after));
    return described ?? this.searches.search(filter, limit, after);
  }

  /** Counts the `limit` best matches of a search by their combinations. */
  count(given: InstrumentFilter, limit: number): Promise<Combination[]> {
    return this.transactions.readSnapshot(async () => {
      if (given.query === undefined) return this.searches.count(given, limit);
      const { filter, contract } = readingOf(given.query, given);
      const described = contract && (await this.series.count(contract, filter, limit, this.today()));
      return described ?? this.searches.count(filter, limit);
    });
  }

  /** Expiries of listed contracts of an underlying, sorted by expiry, broker and exchange. */
  expiries(
    underlying: string,
    filter: InstrumentFilter,
    limit: number,
    after?: readonly [string, string, string],
  ): Promise<SeriesRow[]> {
    return this.transactions.readSnapshot(() => this.series.expiries(underlying, filter, limit, after));
  }

  /**
   * Options of one expiry, by exchange and strike. @param limit number of strikes
   * @throws DomainError INSTRUMENTS_SERIES_NOT_FOUND
   */
  chain(
    key: Omit<ChainKey, 'expiry'> & { expiry?: string | undefined },
    limit: number,
    after?: readonly [string, string],
  ): Promise<{ expiry: string; options: OptionRow[] }> {
    return this.transactions.readSnapshot(async () => {
      const expiry = key.expiry ?? (await this.nextExpiry(key));
      if (expiry === undefined) throw seriesNotFound(key.underlying, key.broker);
      return { expiry, options: await this.series.chain({ ...key, expiry }, limit, after) };
    });
  }

  /** The next expiry; the last one if all have passed. */
  private async nextExpiry({ underlying, broker, exchange }: Omit<ChainKey, 'expiry'>): Promise<string | undefined> {
    const found = await this.series.expiries(
      underlying,
      { broker, ...(exchange === undefined ? {} : { exchange }) },
      500,
    );
    return (found.find(({ expiry }) => expiry >= this.today()) ?? found.at(-1))?.expiry;
  }

  private today(): string {
    return dayIn(this.config.timeZone, this.clock.now());
  }

  /** @throws DomainError INSTRUMENTS_NOT_FOUND */
  async get(id: string): Promise<InstrumentRow> {
    const instrument = await this.instruments.find(id);
    if (!instrument) throw instrumentNotFound(id);
    return instrument;
  }

  /** Removes demo data. @returns the number of contracts */
  removeDemo(): Promise<number> {
    return this.transactions.atomic(async () => {
      const removed = await this.instruments.removeDemo();
      this.changes.hint();
      this.transactions.afterCommit(() => this.caches.clearTopic('instruments'));
      return removed;
    });
  }
}

/** A query without the exchange that it names, and as a contract if it can be one. */
function readingOf(query: string, given: InstrumentFilter) {
  const { text, ...venue } = searchWords(query);
  return { filter: { ...given, query: text, ...venue }, contract: contractQuery(text) };
}
