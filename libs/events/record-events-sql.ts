import { appendSql } from '#changes';

/**
 * For writes in one statement: CTEs (`recorded_events`, `recorded_events_feed`, `recorded_events_inbox`) that record the events of
 * a SELECT, append them to the change feed, and put them into the event inbox for the listeners, without a second round trip.
 * SQL builds the payload, so no schema checks it on insert. A test of the owning lib reads the rows back through
 * `checkedPayload`. The SELECT of the statement returns RECORDED_TYPES_SQL, which the service passes to `EventLog.count`.
 * @param select returns id, type, version, broker, user_id, instrument_id, correlation_id, causation_id, payload,
 *   occurred_at in this order, at most one row per id
 */
export function recordEventsSql(select: string): string {
  return `${insertEventsSql(select)}, recorded_events_inbox AS (
      INSERT INTO event_inbox (event_id) SELECT id FROM recorded_events
    )`;
}

/** The same for a recorder that notifies the listeners itself. */
export function insertEventsSql(select: string): string {
  return `
    recorded_events AS (
      INSERT INTO trading_events
        (id, type, version, broker, user_id, instrument_id, correlation_id, causation_id, payload, occurred_at)
      ${select}
      ON CONFLICT (id) DO NOTHING
      RETURNING id, type
    ), recorded_events_feed AS (
      ${appendSql('events', 'id::text')} FROM recorded_events
    )`;
}

/** A column `recordedTypes` (text[]) with the type of each event that those CTEs recorded. */
export const RECORDED_TYPES_SQL = `ARRAY(SELECT type FROM recorded_events) AS "recordedTypes"`;
