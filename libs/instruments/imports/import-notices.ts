import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#auth';
import { Caches } from '#caching';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { EventLog } from '#events';
import {
  FollowedInstrumentChanged,
  FollowedInstrumentDelisted,
  FollowedInstrumentRelisted,
  InstrumentsImported,
} from '../instrument-events.js';
import { CatalogueUpkeep } from './catalogue-upkeep.js';
import type { ImportCounts } from './import-counts.js';
import { contractDiff } from '../catalogue/contract-state.js';
import { type AffectedFollower, WatchlistRepository } from '../catalogue/watchlist.repository.js';

/** Fields that decide how a contract is traded. A change of another field, such as the name, is not an event. */
const TRADED: ReadonlySet<string> = new Set([
  'tradingsymbol',
  'exchange',
  'type',
  'expiry',
  'strike',
  'tickSize',
  'lotSize',
]);

/** Records an import in its transaction: an event, events for followers of changed contracts, the change feed, and the upkeep. */
@Injectable()
export class ImportNotices {
  constructor(
    private readonly events: EventLog,
    private readonly changes: Changes,
    private readonly caches: Caches,
    private readonly transactions: Transactions,
    private readonly watchlist: WatchlistRepository,
    private readonly audit: AuditTrail,
    private readonly upkeep: CatalogueUpkeep,
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
    await this.upkeep.request(counts);
    this.transactions.afterCommit(() => this.caches.clearTopic('instruments'));
    if (updated + relisted + delisted === 0) return;
    const affected = await this.watchlist.affectedBy(importId);
    await this.changes.append('watchlist', [...new Set(affected.map((follower) => follower.userId))]);
    await this.events.recordMany(
      affected.flatMap((follower) =>
        noticesOf(follower, importId).map((notice) => ({
          ...notice,
          broker,
          userId: follower.userId,
          instrumentId: follower.instrumentId,
          causationId,
        })),
      ),
    );
  }
}

/** The events of one follower of one contract. A contract that is listed again may have changed, too. */
function noticesOf(
  { action, before, after }: AffectedFollower,
  importId: string,
): { type: string; payload: Record<string, unknown> }[] {
  const { exchange, tradingsymbol, name } = after;
  const contract = { importId, exchange, tradingsymbol, name };
  if (action === 'delist') return [{ type: FollowedInstrumentDelisted.type, payload: contract }];
  const changes = contractDiff(before, after).filter(({ field }) => TRADED.has(field));
  return [
    ...(action === 'relist' ? [{ type: FollowedInstrumentRelisted.type, payload: contract }] : []),
    ...(changes.length > 0 ? [{ type: FollowedInstrumentChanged.type, payload: { ...contract, changes } }] : []),
  ];
}
