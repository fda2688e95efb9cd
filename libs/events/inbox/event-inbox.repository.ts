import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { RecordedRow } from './event-listener.js';

/** Time before the next attempt after a listener threw: 1 s, doubled each time, at most 5 minutes. */
const LONGEST_S = 300;

const TAKE = `
  WITH due AS MATERIALIZED (
    SELECT event_id FROM event_inbox WHERE not_before IS NULL OR not_before <= now()
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

  /** Postpones an event whose listener threw, so that it does not block later events. */
  async putOff(id: string): Promise<void> {
    await this.database.run(
      `UPDATE event_inbox SET attempts = attempts + 1, not_before = now() + least(2 ^ least(attempts, 20), ${LONGEST_S}) * interval '1 s'
       WHERE event_id = $1`,
      [id],
    );
  }
}
