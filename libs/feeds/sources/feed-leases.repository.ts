import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { FeedCondition, FeedState } from './feed-state.js';
import { SOURCE_COLUMNS, type SourceRow } from './source-row.js';

/** A source that this process has leased. */
export interface LeasedSource extends SourceRow {
  owner: string;
}

/** A leased source that was due. */
export interface DueSource extends LeasedSource {
  /** Its last cycle failed or never ended, so this one may hang. */
  doubtful: boolean;
}

/** How many sources a process can poll beside those that it polls. */
export interface FreePlaces {
  sound: number;
  doubtful: number;
}

/** The values written at the end of a cycle. */
export interface SourceProgress {
  success: boolean;
  fresh: boolean;
  /** Whether the answer was complete, and neither 304 nor the same bytes. */
  body: boolean;
  consecutiveEmpty: number;
  consecutiveFailures: number;
  state: FeedState;
  raised: FeedCondition[];
  etag: string | null;
  lastModified: string | null;
  bodyDigest: string | null;
  error: string | null;
  nextInMs: number;
  movedTo: string | null;
  /** The server said that the feed no longer exists. */
  gone: boolean;
  /** Whether this was the first contact, if none was before. */
  firstRead: boolean;
}

const SOUND = 'consecutive_failures = 0 AND unfinished = 0';

function dueWhere(condition: string, limit: string): string {
  return `SELECT id FROM feed_sources
    WHERE enabled AND gone_at IS NULL AND next_run_at <= now() AND (lease_until IS NULL OR lease_until < now()) AND ${condition}
    ORDER BY next_run_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
}

/** The SQL of leases: which process runs the cycle of a source, and the result of the cycle. */
@Injectable()
export class FeedLeasesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Leases due sources, oldest first. Two processes never get the same. A cycle counts as unfinished until it ends, so a killed process
   * leaves a trace, and the source is due again only after its lease.
   * @param sound maximum number of sources whose last cycle succeeded
   * @param doubtful maximum number of the others, which may hang
   */
  async lease(owner: string, { sound, doubtful }: FreePlaces, leaseMs: number): Promise<DueSource[]> {
    const rows = await this.database.prepared<SourceRow & { doubtful: boolean }>(
      `WITH sound AS (${dueWhere(SOUND, '$2')}),
         doubtful AS (${dueWhere(`NOT (${SOUND})`, '$3')})
       UPDATE feed_sources s SET lease_owner = $1, lease_until = now() + $4 * interval '1 ms', unfinished = s.unfinished + 1
        WHERE s.id IN (SELECT id FROM sound UNION ALL SELECT id FROM doubtful)
       RETURNING ${SOURCE_COLUMNS}, s.id IN (SELECT id FROM doubtful) AS doubtful`,
      [owner, sound, doubtful, leaseMs],
    );
    return rows.map((row) => ({ ...row, owner }));
  }

  /** Leases a source for a replay, also if it is not due or disabled. @returns undefined while another process has leased it */
  async leaseOne(id: string, owner: string, leaseMs: number): Promise<LeasedSource | undefined> {
    const [row] = await this.database.rows<SourceRow>(
      `UPDATE feed_sources s SET lease_owner = $1, lease_until = now() + $3 * interval '1 ms', unfinished = s.unfinished + 1
        WHERE s.id = $2 AND (s.lease_until IS NULL OR s.lease_until < now()) RETURNING ${SOURCE_COLUMNS}`,
      [owner, id, leaseMs],
    );
    return row && { ...row, owner };
  }

  /** Extends a lease. @returns whether it still belongs to the owner */
  async renew({ id, owner }: LeasedSource, leaseMs: number): Promise<boolean> {
    const sql = `UPDATE feed_sources SET lease_until = now() + $3 * interval '1 ms' WHERE id = $1 AND lease_owner = $2`;
    return (await this.database.run(sql, [id, owner, leaseMs])) > 0;
  }

  /** Ends a lease without a result, because the fault was not the source's. */
  async handBack({ id, owner }: LeasedSource, nextInMs: number): Promise<void> {
    await this.database.run(
      `UPDATE feed_sources SET lease_owner = NULL, lease_until = NULL, unfinished = greatest(0, unfinished - 1), next_run_at = now() + $3 * interval '1 ms'
        WHERE id = $1 AND lease_owner = $2`,
      [id, owner, nextInMs],
    );
  }

  /** Locks the row at the end of a cycle, if the lease still belongs to the owner. */
  async lockLeased({ id, owner }: LeasedSource): Promise<SourceRow | undefined> {
    return (
      await this.database.rows<SourceRow>(
        `SELECT ${SOURCE_COLUMNS} FROM feed_sources s WHERE s.id = $1 AND s.lease_owner = $2 FOR UPDATE`,
        [id, owner],
      )
    )[0];
  }

  async finish(id: string, progress: SourceProgress, at: Date): Promise<void> {
    await this.database.run(
      `UPDATE feed_sources SET lease_owner = NULL, lease_until = NULL, unfinished = 0, last_cycle_at = $2::timestamptz,
         last_success_at = CASE WHEN $3 THEN $2 ELSE last_success_at END, last_item_at = CASE WHEN $4 THEN $2 ELSE last_item_at END,
         last_body_at = CASE WHEN $5 THEN $2 ELSE last_body_at END,
         consecutive_empty = $6, consecutive_failures = $7, state = $8, raised = $9, etag = $10, last_modified = $11, body_digest = $12,
         last_error = $13, next_run_at = $2::timestamptz + $14 * interval '1 ms', moved_to = $15,
         gone_at = CASE WHEN $16 THEN $2::timestamptz END,
         first_read_at = CASE WHEN $17 THEN coalesce(first_read_at, $2) ELSE first_read_at END
       WHERE id = $1`,
      [
        id,
        at,
        progress.success,
        progress.fresh,
        progress.body,
        progress.consecutiveEmpty,
        progress.consecutiveFailures,
        progress.state,
        progress.raised,
        progress.etag,
        progress.lastModified,
        progress.bodyDigest,
        progress.error,
        progress.nextInMs,
        progress.movedTo,
        progress.gone,
        progress.firstRead,
      ],
    );
  }
}
