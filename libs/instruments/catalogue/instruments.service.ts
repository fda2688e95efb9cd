import { Injectable } from '@nestjs/common';
import { type Cache, Caches } from '#caching';
import { Changes } from '#changes';
import { Transactions } from '#database';
import type { FoundRow, InstrumentFilter, SearchKey } from './instrument-search.repository.js';
import { InstrumentSearchRepository } from './instrument-search.repository.js';
import type { InstrumentRow } from '../masters/instrument-row.js';
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
    private readonly instruments: InstrumentsRepository,
  ) {
    this.pages = caches.open<FoundRow[]>('instrument_pages', {
      ...{ maxItems: MAX_PAGES, maxBytes: MAX_PAGES_BYTES },
      ...{ topic: 'instruments', anyChange: true, shared: { shape: 1 } },
    });
  }

  /** Searches, ordered by rank, symbol and id. @param after sort key of the last contract seen */
  search(filter: InstrumentFilter, limit: number, after?: SearchKey): Promise<readonly FoundRow[]> {
    const { query, broker, exchange, segment, type, expiry, includeDelisted } = filter;
    const key = JSON.stringify([query, broker, exchange, segment, type, expiry, includeDelisted, limit, after]);
    return this.pages.getOrLoad(key, PAGE_MS, () =>
      this.transactions.readSnapshot(() => this.searches.search(filter, limit, after)),
    );
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
