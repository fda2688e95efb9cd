import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** A claim that is asked for. */
export interface WantedClaim {
  key: Buffer;
  digest: Buffer;
  /** Of the event that will tell of it, if it is new. */
  eventId: string;
  title: string | null;
}

/** A claim that was given: nobody had the item, or not in this version. */
export interface ItemClaim {
  key: Buffer;
  /** 0: new. */
  revision: number;
  /** Of a revision: the first event of the item, and the title it had. */
  firstEventId: string | null;
  previousTitle: string | null;
}

/**
 * One statement for a whole poll: 3,300 known items take 25 ms, 3,300 new ones 60 ms. Whoever inserts the row has the item; in a
 * race the others wait for the winner's end, and take it over if that is a rollback. In order of keys, so that two cannot
 * deadlock. An item that is only seen again is written at most once a day (its age decides when it is forgotten).
 */
const TAKE = `
  WITH given AS (
    SELECT * FROM unnest($2::bytea[], $3::bytea[], $4::uuid[], $5::text[]) AS g(item_key, digest, event_id, title)
  ), fresh AS (
    INSERT INTO feed_seen_items (source_id, item_key, digest, event_id, title)
    SELECT $1, item_key, digest, event_id, title FROM given ORDER BY item_key
    ON CONFLICT (source_id, item_key) DO NOTHING
    RETURNING item_key
  ), changed AS (
    UPDATE feed_seen_items s SET digest = g.digest, title = g.title, revision = s.revision + 1, last_seen_at = now()
      FROM given g WHERE s.source_id = $1 AND s.item_key = g.item_key AND s.digest <> g.digest
    RETURNING s.item_key, new.revision AS revision, old.event_id AS event_id, old.title AS title
  ), touched AS (
    UPDATE feed_seen_items s SET last_seen_at = now()
      FROM given g WHERE s.source_id = $1 AND s.item_key = g.item_key AND s.digest = g.digest AND s.last_seen_at < now() - interval '1 day'
  )
  SELECT item_key AS key, 0 AS revision, NULL::uuid AS "firstEventId", NULL::text AS "previousTitle" FROM fresh
  UNION ALL
  SELECT item_key, revision, event_id, title FROM changed`;

/** The claims: who has made the event of an item. */
@Injectable()
export class SeenItemsRepository {
  constructor(private readonly database: Database) {}

  /** Claims, in the open transaction: what it becomes true with. @returns those given, in no order; each key at most once among the wanted */
  take(sourceId: string, wanted: readonly WantedClaim[]): Promise<ItemClaim[]> {
    return this.database.prepared<ItemClaim>(TAKE, [
      sourceId,
      wanted.map(({ key }) => key),
      wanted.map(({ digest }) => digest),
      wanted.map(({ eventId }) => eventId),
      wanted.map(({ title }) => title),
    ]);
  }

  /** How many of these are known in this very version: whether it is worth to ask for another page. A hint, no claim. */
  async known(sourceId: string, items: readonly { key: Buffer; digest: Buffer }[]): Promise<number> {
    const [row] = await this.database.rows<{ known: number }>(
      `SELECT count(*)::int AS known FROM unnest($2::bytea[], $3::bytea[]) AS g(item_key, digest)
         JOIN feed_seen_items s ON s.source_id = $1 AND s.item_key = g.item_key AND s.digest = g.digest`,
      [sourceId, items.map(({ key }) => key), items.map(({ digest }) => digest)],
    );
    return row!.known;
  }

  /**
   * Forgets claims whose item the feed has not shown for `days` before its last complete answer. Not before now: after months
   * of 304 answers every item of the feed would be new again. @returns how many, at most `limit`
   */
  forget(days: number, limit: number): Promise<number> {
    return this.database.run(
      `DELETE FROM feed_seen_items i USING (
         SELECT i.source_id, i.item_key FROM feed_sources s
           JOIN feed_seen_items i ON i.source_id = s.id AND i.last_seen_at < s.last_body_at - $1 * interval '1 day' LIMIT $2) old
        WHERE i.source_id = old.source_id AND i.item_key = old.item_key`,
      [days, limit],
    );
  }
}
