import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';

/** Due now, from the start of the schedule, in place of any automatic retry. Without an owner, so that an outcome still on its way does not reschedule it. */
const AGAIN = `status = CASE WHEN l.mode IN ('held', 'probing') THEN 'held' ELSE 'pending' END, step = 0, next_attempt_at = now(), settled_at = NULL, lease_owner = NULL`;

/** The SQL of retry and replay. */
@Injectable()
export class DeliveryRetriesRepository {
  constructor(private readonly database: Database) {}

  async retry(id: string): Promise<boolean> {
    const rows = await this.database.rows(
      `WITH again AS (
         UPDATE alert_delivery_queue q SET ${AGAIN} FROM delivery_lanes l WHERE q.id = $1 AND l.endpoint_id = q.endpoint_id AND q.status <> 'sending' RETURNING q.endpoint_id
       ), feed AS (${appendSql('deliveries', 'endpoint_id::text')} FROM again)
       SELECT 1 FROM again`,
      [id],
    );
    return rows.length > 0;
  }

  /** What was enqueued in [from, to), but for what waits or is being sent. @returns how many */
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
