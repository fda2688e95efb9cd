import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { RecordedRow } from './event-listener.js';

/** Time before the next attempt after a listener threw: 1 s, doubled each time, at most 5 minutes. */
const LONGEST_S = 300;

const TAKE = `
  WITH due AS MATERIALIZED (
    SELECT event_id FROM event_inbox WHERE (not_before IS NULL OR not_before <= now()) AND set_aside_at IS NULL
    ORDER BY event_id LIMIT $1 FOR UPDATE SKIP LOCKED
  ), taken AS (
    DELETE FROM event_inbox i USING due WHERE i.event_id = due.event_id RETURNING i.event_id
  )
  SELECT t.event_id AS id, e.type, e.version, e.broker, e.user_id AS "userId", e.instrument_id AS "instrumentId",
    e.correlation_id AS "correlationId", e.causation_id AS "causationId", e.payload, e.occurred_at AS "occurredAt"
  FROM taken t LEFT JOIN trading_events e ON e.id = t.event_id ORDER BY t.event_id`;

/** All SQL of event_inbox, except the insert in recordEventsSql(). */
@Injectable()
export class EventInboxRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes the oldest due events in the open transaction; a rollback returns them. Concurrent drains share the work.
   * @returns the number of taken rows, and the events that still exist
   */
  async take(limit: number): Promise<{ taken: string[]; events: RecordedRow[] }> {
    const rows = await this.database.prepared<RecordedRow & { type: string | null }>(TAKE, [limit]);
    return { taken: rows.map((row) => row.id), events: rows.filter((row) => row.type !== null) };
  }

  /** Postpones an event whose listener threw, so that it does not block later events. @returns its number of attempts */
  async putOff(id: string): Promise<number> {
    const [row] = await this.database.rows<{ attempts: number }>(
      `UPDATE event_inbox SET attempts = attempts + 1, not_before = now() + least(2 ^ least(attempts, 20), ${LONGEST_S}) * interval '1 s'
       WHERE event_id = $1 RETURNING attempts`,
      [id],
    );
    return row?.attempts ?? 0;
  }

  /** Leaves events that were just recorded to the inbox. @param tried the event on which a listener gave up, if it named one */
  async postpone(ids: readonly string[], tried: string | undefined): Promise<void> {
    await this.database.run(
      `INSERT INTO event_inbox (event_id, attempts) SELECT id, (id IS NOT DISTINCT FROM $2::uuid)::integer FROM unnest($1::uuid[]) AS g (id)`,
      [ids, tried ?? null],
    );
  }

  /** Keeps an event that the listeners no longer get. @returns its type; undefined if it is gone */
  async setAside(id: string, why: string): Promise<string | undefined> {
    const [row] = await this.database.rows<{ type: string }>(
      `UPDATE event_inbox i SET set_aside_at = now(), set_aside_reason = $2 FROM trading_events e
       WHERE i.event_id = $1 AND e.id = i.event_id RETURNING e.type`,
      [id, why],
    );
    return row?.type;
  }

  async countSetAside(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      'SELECT count(*)::integer AS count FROM event_inbox WHERE set_aside_at IS NOT NULL',
    );
    return row!.count;
  }
}
