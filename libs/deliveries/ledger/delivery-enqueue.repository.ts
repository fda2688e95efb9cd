import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { appendSql } from '#changes';
import { Database } from '#database';
import { deliveriesConfig, type DeliveriesConfig } from '../deliveries.config.js';
import type { EnqueuedDelivery, NewDelivery } from './delivery.js';

/**
 * Inserts rows and their changes for all lanes in one statement. Rows of held lanes are counted, each new one after those before
 * it. Sorted by endpoint, so that two alerts for the same endpoints cannot deadlock.
 */
const INSERT = `
  WITH item AS (
    SELECT i.*, l.mode IN ('held', 'probing') AS held,
      row_number() OVER (PARTITION BY i.endpoint_id ORDER BY i.n) AS nth
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) WITH ORDINALITY
      AS i (alert_id, endpoint_id, message_id, body, not_before, correlation_id, n)
    JOIN delivery_lanes l USING (endpoint_id)
  ), room AS (
    SELECT endpoint_id, $7::integer - (SELECT count(*) FROM alert_delivery_queue q WHERE q.status = 'held' AND q.endpoint_id = lane.endpoint_id) AS room
    FROM (SELECT DISTINCT endpoint_id FROM item WHERE held) lane
  ), added AS (
    INSERT INTO alert_delivery_queue (alert_id, endpoint_id, message_id, body, next_attempt_at, correlation_id, status, settled_at, last_error)
    SELECT alert_id, endpoint_id, message_id, body, coalesce(not_before, now()), correlation_id,
      CASE WHEN NOT held THEN 'pending' WHEN nth <= room THEN 'held' ELSE 'dead' END,
      CASE WHEN held AND nth > room THEN now() END,
      CASE WHEN held AND nth > room THEN 'The endpoint is held, and the maximum of ' || $7::integer || ' deliveries wait for it.' END
    FROM item LEFT JOIN room USING (endpoint_id) ORDER BY endpoint_id, n
    ON CONFLICT (alert_id, endpoint_id) DO NOTHING
    RETURNING id, endpoint_id, status
  ), feed AS (
    ${appendSql('deliveries', 'endpoint_id::text', { distinct: true })} FROM added
  )
  SELECT id, endpoint_id AS "endpointId", status FROM added`;

/** The SQL of enqueueing. */
@Injectable()
export class DeliveryEnqueueRepository {
  constructor(
    private readonly database: Database,
    @Inject(deliveriesConfig.token) private readonly config: DeliveriesConfig,
    @InjectMetric('deliveries_overflowed_total') private readonly overflowed: Counter,
  ) {}

  async insert(items: readonly NewDelivery[], correlationId: string): Promise<EnqueuedDelivery[]> {
    const rows = await this.database.prepared<EnqueuedDelivery & { status: string }>(INSERT, [
      items.map((item) => item.alertId),
      items.map((item) => item.endpointId),
      items.map((item) => item.messageId),
      items.map((item) => item.body),
      items.map((item) => item.notBefore ?? null),
      items.map((item) => item.correlationId ?? correlationId),
      this.config.heldMax,
    ]);
    const lost = rows.filter(({ status }) => status === 'dead').length;
    if (lost > 0) this.overflowed.inc(lost);
    return rows.map(({ id, endpointId }) => ({ id, endpointId }));
  }
}
