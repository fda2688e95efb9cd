import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Topic } from './topics.js';

/** One change that a screen shows. */
export interface Change {
  position: string;
  topic: string;
  key: string;
}

/**
 * The stamp of a cut. Equal ids see exactly the same data; `position` and `asOf` are for people, and read from that data, so that
 * all nodes give one id the same stamp.
 */
export interface SnapshotStamp {
  /** pg_current_snapshot(), e.g. `812:815:813`. Never an LSN: a commit already in the WAL can be invisible to a new snapshot. */
  id: string;
  /** Highest position of the change feed in the snapshot. */
  position: number;
  /**
   * When the newest change in the snapshot was written, by PostgreSQL's clock, RFC 3339; 1970-01-01T00:00:00.000Z before the first
   * one. Not the time of asking: two nodes ask for one snapshot at different times.
   */
  asOf: string;
}

/** How far somebody has read. */
export type SeenUpTo = Pick<SnapshotStamp, 'id' | 'position'>;

/** Names a purge: `key` is the highest transaction id whose changes are gone. */
const PURGED = '~purged';

@Injectable()
export class ChangeFeedRepository {
  constructor(private readonly database: Database) {}

  async append(topic: Topic, keys: readonly string[]): Promise<void> {
    await this.database.rows('INSERT INTO change_feed (topic, key) SELECT $1, unnest($2::text[])', [topic, keys]);
  }

  /**
   * A purge has a snapshot of its own and leaves a note above what it removed: it changes the stamp of no snapshot, and neither
   * position nor time ever go back to nothing.
   */
  async current(): Promise<SnapshotStamp> {
    const [row] = await this.database.prepared<{ id: string; position: string; asOf: Date }>(
      `SELECT pg_current_snapshot()::text AS id, coalesce(newest.position, 0)::text AS position, coalesce(newest.at, 'epoch') AS "asOf"
       FROM (VALUES (1)) one LEFT JOIN (SELECT position, at FROM change_feed ORDER BY position DESC LIMIT 1) newest ON true`,
    );
    return { id: row!.id, position: Number(row!.position), asOf: row!.asOf.toISOString() };
  }

  /**
   * What this snapshot sees and the one of that stamp did not. Asked by visibility, because `position > last` alone loses for ever the
   * writer that drew a lower position and committed later. `xid >= xmin` only bounds the scan: all below was visible.
   * And asked by position too, because a server that crashed gives transaction ids out again that were not in its log yet (those
   * of NOTIFY and of rollbacks): what such a one writes looks visible to a snapshot from before. Its position is a new one always.
   * A purge leaves its note in the same order: one that `id` sees removed only what `id` saw too.
   * @returns null if some of it has been purged: reload everything
   */
  async since({ id, position }: SeenUpTo): Promise<Change[] | null> {
    const rows = await this.database.prepared<Change>(
      `SELECT position::text, topic, key FROM change_feed
       WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot)
       UNION ALL
       SELECT position::text, topic, key FROM change_feed WHERE position > $2 AND pg_visible_in_snapshot(xid, $1::pg_snapshot)`,
      [id, position],
    );
    if (rows.some((row) => row.topic === PURGED && BigInt(row.key) >= BigInt(id.split(':')[0]!))) return null;
    return rows.filter((row) => row.topic !== PURGED);
  }

  /** A hint to every node that something changed; the payload is a position and nothing else (payloads end at 8,000 bytes). */
  async notify(): Promise<void> {
    await this.database.rows(`SELECT pg_notify('deskwire_changes', (SELECT max(position)::text FROM change_feed))`);
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
