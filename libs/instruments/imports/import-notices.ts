import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#auth';
import { Caches } from '#caching';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { EventLog } from '#events';
import { FollowedInstrumentDelisted, InstrumentsImported } from '../instrument-events.js';
import type { ImportCounts } from './import-counts.js';
import { WatchlistRepository } from '../catalogue/watchlist.repository.js';

/** Records an import in its transaction: an event, an event per follower of a delisted contract, and the change feed. */
@Injectable()
export class ImportNotices {
  constructor(
    private readonly events: EventLog,
    private readonly changes: Changes,
    private readonly caches: Caches,
    private readonly transactions: Transactions,
    private readonly watchlist: WatchlistRepository,
    private readonly audit: AuditTrail,
  ) {}

  async tell(
    record: {
      importId: string;
      broker: string;
      kind: 'import' | 'rollback';
      source: string;
      /** Name of the mapping that the master was read by. */
      master?: string;
      /** The mapping came with the import; it is not a built-in one. */
      mappingGiven?: boolean;
      userId?: string;
    },
    counts: ImportCounts,
  ): Promise<void> {
    const { importId, broker, kind, source, master, mappingGiven, userId } = record;
    const { inserted, updated, unchanged, relisted, delisted, quarantined } = counts;
    const payload = { importId, kind, source, inserted, updated, unchanged, relisted, delisted, quarantined };
    const { id: causationId } = await this.events.record({ type: InstrumentsImported.type, broker, userId, payload });
    await this.audit.record({
      action: kind === 'import' ? 'master_imported' : 'master_rolled_back',
      subject: { kind: 'import', id: importId },
      after: { broker, ...(kind === 'import' && { master, mappingGiven }), ...payload },
    });
    await this.changes.append('instruments', [importId]);
    this.transactions.afterCommit(() => this.caches.clearTopic('instruments'));
    if (updated + relisted + delisted === 0) return;
    const affected = await this.watchlist.affectedBy(importId);
    await this.changes.append('watchlist', [...new Set(affected.map((follower) => follower.userId))]);
    await this.events.recordMany(
      affected
        .filter((follower) => follower.action === 'delist')
        .map(({ userId: follower, instrumentId, exchange, tradingsymbol, name }) => ({
          type: FollowedInstrumentDelisted.type,
          broker,
          userId: follower,
          instrumentId,
          causationId,
          payload: { importId, exchange, tradingsymbol, name },
        })),
    );
  }
}
