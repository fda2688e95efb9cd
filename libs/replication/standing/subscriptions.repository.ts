import type { SqlRunner } from '../clusters/cluster.client.js';
import { SUBSCRIPTION } from '../publication/published-tables.js';

/** The conflicts that PostgreSQL 18 counts, without their prefix `confl_`. */
export const CONFLICTS = [
  'insert_exists',
  'update_origin_differs',
  'update_exists',
  'update_missing',
  'delete_origin_differs',
  'delete_missing',
  'multiple_unique_conflicts',
] as const;
export type Conflict = (typeof CONFLICTS)[number];

/** The subscription as the secondary sees it. */
export interface SubscriptionView {
  enabled: boolean;
  /** The apply worker runs. It restarts every few seconds while a change cannot be applied. */
  applying: boolean;
  /** Tables whose first copy has not ended. */
  tablesPending: number;
  /** Failures to apply a change. */
  applyErrors: number;
  /** Failures of the first copy of a table. */
  copyErrors: number;
  conflicts: Record<Conflict, number>;
  /** Up to where transactions of the primary have been applied. */
  appliedUpTo: string | null;
  /** Time of the newest heartbeat that has arrived. */
  lastBeatAt: Date | null;
}

type Row = Omit<SubscriptionView, 'conflicts'> & Record<Conflict, number>;

/** State and counters of the secondary. */
export class SubscriptionsRepository {
  constructor(private readonly secondary: SqlRunner) {}

  /** @returns undefined if the database has no subscription of the desk */
  async find(): Promise<SubscriptionView | undefined> {
    const [row] = await this.secondary.rows<Row>(
      `SELECT s.subenabled AS enabled,
         EXISTS (SELECT FROM pg_stat_subscription w WHERE w.subid = s.oid AND w.worker_type = 'apply' AND w.pid IS NOT NULL) AS applying,
         (SELECT count(*) FROM pg_subscription_rel r WHERE r.srsubid = s.oid AND r.srsubstate <> 'r')::integer AS "tablesPending",
         c.apply_error_count::float8 AS "applyErrors", c.sync_error_count::float8 AS "copyErrors",
         ${CONFLICTS.map((kind) => `c.confl_${kind}::float8 AS ${kind}`).join(', ')},
         (SELECT o.remote_lsn::text FROM pg_replication_origin_status o WHERE o.external_id = 'pg_' || s.oid) AS "appliedUpTo",
         (SELECT max(at) FROM replication_beats) AS "lastBeatAt"
       FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid JOIN pg_stat_subscription_stats c ON c.subid = s.oid
       WHERE d.datname = current_database() AND s.subname = $1`,
      [SUBSCRIPTION],
    );
    if (row === undefined) return undefined;
    const { enabled, applying, tablesPending, applyErrors, copyErrors, appliedUpTo, lastBeatAt } = row;
    const conflicts = Object.fromEntries(CONFLICTS.map((kind) => [kind, row[kind]])) as Record<Conflict, number>;
    return { enabled, applying, tablesPending, applyErrors, copyErrors, conflicts, appliedUpTo, lastBeatAt };
  }
}
