import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';

/** Due now, from the start of the schedule, instead of any automatic retry. Without an owner, so that a late outcome does not reschedule it. */
const AGAIN = `status = CASE WHEN l.mode IN ('held', 'probing') THEN 'held' ELSE 'pending' END, step = 0, next_attempt_at = now(), settled_at = NULL, lease_owner = NULL`;

/** The SQL of retry and replay. */
@Injectable()
export class DeliveryRetriesRepository {
  constructor(private readonly database: Database) {}

  /** Locks in the order of ids, so that two requests cannot deadlock. @returns those that are due again; the others are being sent */
  async retry(ids: readonly string[]): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      `WITH wanted AS (
         SELECT id FROM alert_delivery_queue WHERE id = ANY ($1::uuid[]) AND status <> 'sending' ORDER BY id FOR UPDATE
       ), again AS (
         UPDATE alert_delivery_queue q SET ${AGAIN} FROM wanted w, delivery_lanes l
         WHERE q.id = w.id AND l.endpoint_id = q.endpoint_id AND q.status <> 'sending' RETURNING q.id, q.endpoint_id
       ), feed AS (${appendSql('deliveries', 'endpoint_id::text', { distinct: true })} FROM again)
       SELECT id FROM again`,
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  /** Retries all deliveries enqueued in [from, to), except those that wait or are being sent. @returns their number */
  async replay(endpointId: string, from: Date, to: Date): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `WITH again AS (
         UPDATE alert_delivery_queue q SET ${AGAIN} FROM delivery_lanes l
         WHERE q.endpoint_id = $1 AND l.endpoint_id = q.endpoint_id AND q.created_at >= $2 AND q.created_at < $3 AND q.status IN ('delivered', 'dead', 'cancelled')
         RETURNING q.endpoint_id
       ), feed AS (${appendSql('deliveries', 'endpoint_id::text', { distinct: true })} FROM again)
       SELECT count(*)::integer AS count FROM again`,
      [endpointId, from, to],
    );
    return row!.count;
  }
}
