import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { Transactions } from '#database';
import type { FoundRow, InstrumentFilter, SearchKey } from './instrument-search.repository.js';
import { InstrumentSearchRepository } from './instrument-search.repository.js';
import type { InstrumentRow } from '../masters/instrument-row.js';
import { instrumentNotFound } from '../instruments.errors.js';
import { InstrumentsRepository } from './instruments.repository.js';

/** Searches and reads contracts. */
@Injectable()
export class InstrumentsService {
  constructor(
    private readonly changes: Changes,
    private readonly transactions: Transactions,
    private readonly searches: InstrumentSearchRepository,
    private readonly instruments: InstrumentsRepository,
  ) {}

  /** Searches, ordered by rank, symbol and id. @param after sort key of the last contract seen */
  search(filter: InstrumentFilter, limit: number, after?: SearchKey): Promise<FoundRow[]> {
    return this.transactions.readSnapshot(() => this.searches.search(filter, limit, after));
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
      return removed;
    });
  }
}
