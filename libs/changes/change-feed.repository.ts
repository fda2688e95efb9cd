import { Injectable } from '@nestjs/common';
import { Database, Transactions } from '#database';
import { partsOf } from './snapshot-id.js';
import type { Topic } from './topics.js';

/** One change that a screen shows. */
export interface Change {
  position: string;
  /** Id of the transaction that wrote it. */
  xid: string;
  topic: string;
  key: string;
}

/**
 * The stamp of a cut. Snapshots with equal ids see exactly the same data. `position` and `asOf` are for people. They are read
 * from that data, so all nodes give one id the same stamp.
 */
export interface SnapshotStamp {
  /**
   * The cluster and pg_current_snapshot(), e.g. `3f9ab2c1d0-812:815:813`. Transaction ids mean nothing in another cluster, so an id
   * of one is never taken for an id of another. Never an LSN: a commit already in the WAL can be invisible to a new snapshot.
   */
  id: string;
  /** Highest position of the change feed in the snapshot. */
  position: number;
  /**
   * When the newest change in the snapshot was written, by PostgreSQL's clock, in RFC 3339; 1970-01-01T00:00:00.000Z before the
   * first change. Not the time of the request, because two nodes read one snapshot at different times.
   */
  asOf: string;
}

/** How far a reader has read. */
export type SeenUpTo = Pick<SnapshotStamp, 'id' | 'position'>;

/** What a reader of the feed finds. */
export interface FeedNews {
  /** In no order. Null if some may be missing, so that the reader must reload everything. */
  changes: Change[] | null;
  /** Of the open snapshot, which has them. */
  stamp: SnapshotStamp;
}

/** A row names one key, or all keys that one statement changed. */
interface FeedRow {
  position: string;
  xid: string;
  topic: string;
  key: string | null;
  keys: string[] | null;
}

/** As a row of the feed: the id is the `key`. */
interface StampRow {
  position: string;
  key: string;
  at: Date;
}

/**
 * Names the cluster of the snapshot: the server, its timeline and the database. A promoted standby, a promoted secondary and a
 * restored copy have other names. The timeline comes from the WAL: after a promotion the control file keeps the old one for
 * a while. During recovery a random part follows: PostgreSQL does not list the transactions in progress there, so two
 * snapshots that see different data may have the same text. No stamp of a server in recovery equals another one.
 */
const CLUSTER_SQL = `(SELECT left(md5(concat_ws('/', s.system_identifier, CASE WHEN pg_is_in_recovery()
    THEN lpad(to_hex(c.timeline_id), 8, '0') ELSE lower(left(pg_walfile_name(pg_current_wal_lsn()), 8)) END, d.oid)), 10) ||
    CASE WHEN pg_is_in_recovery() THEN '~' || replace(gen_random_uuid()::text, '-', '') ELSE '' END
  FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database())`;

/** The topic of a purge's note. Its `key` is the highest transaction id whose changes were removed. */
const PURGED = '~purged';

/** The topic of the stamp in an answer. */
const STAMP = '~stamp';

const STAMP_SQL = `SELECT coalesce(newest.position, 0)::text AS position, NULL AS xid, '${STAMP}' AS topic,
    ${CLUSTER_SQL} || '-' || pg_current_snapshot()::text AS key, NULL::json AS keys, coalesce(newest.at, 'epoch') AS at
  FROM (VALUES (1)) one LEFT JOIN (SELECT position, at FROM change_feed ORDER BY position DESC LIMIT 1) newest ON true`;

/**
 * Starts a new epoch of the change feed: readers that hold an earlier stamp reload everything. For a database whose rows came
 * without their changes, such as a promoted secondary or a restored copy. It runs in the transaction that ends their arrival.
 */
export const BEGIN_EPOCH_SQL = `WITH gone AS (DELETE FROM change_feed)
  INSERT INTO change_feed (topic, key) VALUES ('${PURGED}', pg_current_xact_id()::text)`;

/**
 * Starts a new epoch and keeps the changes, for a restored backup: readers that hold an earlier stamp reload everything, once. The
 * notes of purges name transactions of the former server, which may lie in the future of this one. They would make every
 * reader reload everything again and again, until they are purged too.
 */
export const RENEW_EPOCH_SQL = `WITH renewed AS (UPDATE change_feed SET key = pg_current_xact_id()::text WHERE topic = '${PURGED}')
  INSERT INTO change_feed (topic, key) VALUES ('${PURGED}', pg_current_xact_id()::text)`;

@Injectable()
export class ChangeFeedRepository {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
  ) {}

  async append(topic: Topic, keys: readonly string[]): Promise<void> {
    await this.database.rows('INSERT INTO change_feed (topic, key) SELECT $1, unnest($2::text[])', [topic, keys]);
  }

  /**
   * Reads the stamp of the open snapshot. A purge runs in a snapshot of its own and leaves a note above the removed
   * rows. So it changes the stamp of no snapshot, and position and time never decrease.
   * @throws DATABASE_TRANSACTION_MISMATCH in a read of the replica
   */
  async current(): Promise<SnapshotStamp> {
    this.transactions.requirePrimary('The stamp of a snapshot');
    const [row] = await this.database.prepared<StampRow>(STAMP_SQL);
    return stampOf(row!);
  }

  /**
   * Returns the changes that the open snapshot sees and the snapshot of the stamp did not, with the stamp of the open one.
   * Selects by visibility, because `position > last` alone never finds a writer that drew a lower position and
   * committed later. `xid >= xmin` only bounds the scan: all changes below it were visible. Selects by position too,
   * because a server that crashed reuses transaction ids that its log did not contain yet (those of NOTIFY and of
   * rollbacks). Changes written under such an id look visible to a snapshot from before the crash, but their positions
   * are always new.
   * A purge's note follows the same order: a note that `id` sees removed only changes that `id` saw too.
   * `changes` is null if some of them were purged, or if the stamp is of another cluster or of a server in recovery.
   * @throws DATABASE_TRANSACTION_MISMATCH in a read of the replica
   */
  async since({ id, position }: SeenUpTo): Promise<FeedNews> {
    this.transactions.requirePrimary('The stamp of a snapshot');
    const { cluster, snapshot } = partsOf(id);
    const rows = await this.database.prepared<FeedRow | (StampRow & { topic: typeof STAMP })>(
      `(${STAMP_SQL})
       UNION ALL
       SELECT position::text, xid::text, topic, key, array_to_json(keys), NULL FROM change_feed
       WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot)
       UNION ALL
       SELECT position::text, xid::text, topic, key, array_to_json(keys), NULL FROM change_feed
       WHERE position > $2 AND pg_visible_in_snapshot(xid, $1::pg_snapshot)`,
      [snapshot, position],
    );
    const stamp = stampOf(rows.find(({ topic }) => topic === STAMP) as StampRow);
    const feed = rows.filter(({ topic }) => topic !== STAMP) as FeedRow[];
    const xmin = BigInt(snapshot.split(':')[0]!);
    const isPurged = feed.some(({ topic, key }) => topic === PURGED && BigInt(key!) >= xmin);
    if (isPurged || partsOf(stamp.id).cluster !== cluster) return { changes: null, stamp };
    const changes = feed.flatMap(({ position, xid, topic, key, keys }) =>
      topic === PURGED ? [] : (keys ?? [key!]).map((each) => ({ position, xid, topic, key: each })),
    );
    return { changes, stamp };
  }

  /** Hints to every node that something changed. The payload is only the sender, because it is limited to 8,000 bytes. */
  async notify(sender: string): Promise<void> {
    await this.database.rows(`SELECT pg_notify('deskwire_changes', $1)`, [sender]);
  }

  /** Removes up to `limit` rows older than the retention, leaving a note of how far. @returns rows removed */
  async purge(retentionMs: number, limit: number): Promise<number> {
    const [row] = await this.database.rows<{ count: string }>(
      `WITH gone AS (
         DELETE FROM change_feed WHERE position IN (
           SELECT position FROM change_feed WHERE at < now() - $1 * interval '1 ms' ORDER BY position LIMIT $2)
         RETURNING xid),
       noted AS (
         INSERT INTO change_feed (topic, key) SELECT '${PURGED}', max(xid)::text FROM gone HAVING count(*) > 0)
       SELECT count(*) FROM gone`,
      [retentionMs, limit],
    );
    return Number(row!.count);
  }
}

function stampOf({ key, position, at }: StampRow): SnapshotStamp {
  return { id: key, position: Number(position), asOf: at.toISOString() };
}
