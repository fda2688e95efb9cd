import { Injectable } from '@nestjs/common';
import { type Cache, Caches } from '#caching';
import { Transactions } from '#database';
import type { Combination, InstrumentFilter } from '../catalogue/instrument-filter.js';
import { InstrumentsRepository } from '../catalogue/instruments.repository.js';
import { InstrumentsService } from '../catalogue/instruments.service.js';
import { facetsOf, isWithin } from './instrument-facets.js';
import type { FacetsView } from './instrument-facets.dto.js';

/** Contracts of a search that are counted: the best matches. */
const MOST_COUNTED = 5_000;
/** Maximum age of counts. An import drops them earlier, in every process. */
const SEARCH_MS = 60_000;
const ALL_MS = 600_000;
const MAX_FACETS = 500;
const MAX_FACETS_BYTES = 16 * 1024 * 1024;

/** Filters that combinations do not have: a search by them reads contracts. */
const READ = ['query', 'underlying', 'strike', 'strikeFrom', 'strikeTo'] as const;

/**
 * Counts the contracts of a search by broker, exchange, segment, type and expiry. A search by text, underlying or strike counts its best
 * matches. Other searches are answered from the combinations of all contracts, which are counted once after an import.
 */
@Injectable()
export class InstrumentFacetsService {
  private readonly counts: Cache<Combination[]>;

  constructor(
    caches: Caches,
    private readonly transactions: Transactions,
    private readonly contracts: InstrumentsRepository,
    private readonly instruments: InstrumentsService,
  ) {
    this.counts = caches.open<Combination[]>('instrument_facets', {
      ...{ maxItems: MAX_FACETS, maxBytes: MAX_FACETS_BYTES, topic: 'instruments', anyChange: true },
    });
  }

  async facetsOf(filter: InstrumentFilter): Promise<FacetsView> {
    const reads = READ.some((field) => filter[field] !== undefined);
    const combinations = reads ? await this.ofSearch(filter) : (await this.ofAll(filter)).filter(isWithin(filter));
    const total = combinations.reduce((sum, { count }) => sum + count, 0);
    return { total, complete: !reads || total < MOST_COUNTED, facets: facetsOf(combinations) };
  }

  private ofAll({ includeDelisted = false }: InstrumentFilter): Promise<readonly Combination[]> {
    return this.counts.getOrLoad(`all ${includeDelisted}`, ALL_MS, () =>
      this.transactions.readSnapshot(() => this.contracts.combinations(includeDelisted)),
    );
  }

  private ofSearch(filter: InstrumentFilter): Promise<readonly Combination[]> {
    const key = JSON.stringify(Object.entries(filter).sort(([one], [other]) => (one < other ? -1 : 1)));
    return this.counts.getOrLoad(key, SEARCH_MS, () => this.instruments.count(filter, MOST_COUNTED));
  }
}
