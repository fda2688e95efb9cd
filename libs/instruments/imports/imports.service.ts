import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import { type Cache, Caches } from '#caching';
import { Transactions } from '#database';
import { importRunning, importNotFound } from '../instruments.errors.js';
import { contractDiff, type FieldChange } from '../catalogue/contract-state.js';
import { type ChangeAction, ImportChangesRepository } from './import-changes.repository.js';
import type { ImportResult } from './import-counts.js';
import { ImportNotices } from './import-notices.js';
import { type IssueRow, type ImportFilter, type ImportRow, ImportsRepository } from './imports.repository.js';
import { RollbackRepository } from './rollback.repository.js';

/** Maximum age of a cached page of imports. An import drops all pages earlier, in every process. */
const PAGE_MS = 60_000;
const MAX_PAGES = 200;

/** A contract that an import changed, as it was after it. */
export interface ChangeView {
  instrumentId: string;
  action: ChangeAction;
  key: string;
  exchange: string;
  tradingsymbol: string;
  name: string;
  expiry: string | null;
  changes: FieldChange[];
}

/** Lists imports of instrument masters, shows their issues, and rolls back. */
@Injectable()
export class ImportsService {
  private readonly logger = new Logger(ImportsService.name);
  private readonly pages: Cache<ImportRow[]>;

  constructor(
    caches: Caches,
    private readonly transactions: Transactions,
    private readonly imports: ImportsRepository,
    private readonly changes: ImportChangesRepository,
    private readonly rollbacks: RollbackRepository,
    private readonly news: ImportNotices,
    @InjectMetric('instruments_import_duration_seconds') private readonly seconds: Histogram<'kind' | 'result'>,
  ) {
    this.pages = caches.open<ImportRow[]>('instrument_imports', {
      ...{ maxItems: MAX_PAGES, topic: 'instruments', anyChange: true, shared: { shape: 2 } },
    });
  }

  list(filter: ImportFilter): Promise<readonly ImportRow[]> {
    const { brokers, kinds, sort, after, limit } = filter;
    const key = JSON.stringify([brokers, kinds, sort, after, limit]);
    return this.pages.getOrLoad(key, PAGE_MS, () => this.imports.list(filter));
  }

  /** @throws DomainError INSTRUMENTS_IMPORT_NOT_FOUND */
  async get(id: string): Promise<ImportRow> {
    const record = await this.imports.find(id);
    if (!record) throw importNotFound(id);
    return record;
  }

  issues(importId: string, limit: number, after?: string): Promise<IssueRow[]> {
    return this.imports.issues(importId, limit, after);
  }

  /**
   * Lists what an import changed, by the ids of the contracts, each with the fields that differ. @param after id of the last contract seen
   * @throws DomainError INSTRUMENTS_IMPORT_NOT_FOUND
   */
  async changesOf(id: string, filter: { action?: ChangeAction; limit: number; after?: string }): Promise<ChangeView[]> {
    const found = await this.changes.list(await this.get(id), filter);
    return found.map(({ instrumentId, action, before, after }) => {
      const { key, exchange, tradingsymbol, name, expiry } = after;
      const changes = before === null ? [] : contractDiff(before, after);
      return { instrumentId, action, key, exchange, tradingsymbol, name, expiry, changes };
    });
  }

  /**
   * Restores the broker's instruments to their state right after that import. A rollback is an import, so it can be undone, too.
   * Contracts inserted later are delisted, not deleted, so followers keep them.
   * @throws DomainError INSTRUMENTS_IMPORT_NOT_FOUND, INSTRUMENTS_IMPORT_RUNNING
   */
  async rollbackTo(id: string, userId?: string): Promise<ImportResult> {
    const started = performance.now();
    const result = await this.transactions.atomic(async () => {
      const target = await this.get(id);
      const { broker, isDemo, master } = target;
      if (!(await this.imports.lockBroker(broker))) throw importRunning(broker);
      const [latest] = await this.imports.list({ brokers: [broker], sort: '-createdAt', limit: 1 });
      const source = `import ${target.position}: ${target.source}`;
      const importId = await this.imports.insert({
        broker,
        kind: 'rollback',
        source,
        master,
        forced: false,
        restores: id,
        isDemo,
        createdBy: userId ?? null,
      });
      await this.rollbacks.prepare(broker, target.position);
      const changed = await this.rollbacks.keep(importId);
      await this.rollbacks.apply();
      const counts = {
        inserted: 0,
        quarantined: 0,
        filtered: 0,
        warnings: 0,
        ...changed,
        unchanged: latest!.listed - changed.delisted - changed.updated,
      };
      const durationMs = Math.round(performance.now() - started);
      await this.imports.finish(importId, counts, { rows: 0, sha256: null, exchanges: target.exchanges, durationMs });
      await this.news.tell({ importId, broker, kind: 'rollback', source, userId }, counts);
      return { importId, ...counts, durationMs };
    });
    this.seconds.observe({ kind: 'rollback', result: 'done' }, result.durationMs / 1_000);
    this.logger.log({ msg: 'instruments rolled back', restored: id, ...result });
    return result;
  }
}
