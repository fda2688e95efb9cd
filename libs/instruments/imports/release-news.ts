import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { EventLog } from '#events';
import { FollowedInstrumentDelisted, InstrumentsImported } from '../instrument-events.js';
import type { ReleaseCounts } from './release-counts.js';
import { WatchlistRepository } from '../catalogue/watchlist.repository.js';

/** Tells of a release, in its own transaction: an event, one for each follower of a delisted contract, and the change feed. */
@Injectable()
export class ReleaseNews {
  constructor(
    private readonly events: EventLog,
    private readonly changes: Changes,
    private readonly watchlist: WatchlistRepository,
  ) {}

  async tell(
    release: { releaseId: string; broker: string; kind: 'import' | 'rollback'; source: string; userId?: string },
    counts: ReleaseCounts,
  ): Promise<void> {
    const { releaseId, broker, kind, source, userId } = release;
    const { inserted, updated, unchanged, relisted, delisted, quarantined } = counts;
    const payload = { releaseId, kind, source, inserted, updated, unchanged, relisted, delisted, quarantined };
    const { id: causationId } = await this.events.record({ type: InstrumentsImported.type, broker, userId, payload });
    await this.changes.append('instruments', [releaseId]);
    if (updated + relisted + delisted === 0) return;
    const affected = await this.watchlist.affectedBy(releaseId);
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
          payload: { releaseId, exchange, tradingsymbol, name },
        })),
    );
  }
}
