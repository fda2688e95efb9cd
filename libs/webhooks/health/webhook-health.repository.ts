import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { EndpointHealth, HealthWindow } from '../endpoints/endpoint-health.js';
import { ENDPOINT_COLUMNS, endpointColumns, type WebhookEndpoint } from '../endpoints/webhook-endpoint.js';

/** Attempts of one endpoint in one minute. */
export interface HealthMinute {
  endpointId: string;
  minute: Date;
  sent: number;
  failed: number;
  latencyMsSum: number;
  latencyMsMax: number;
}

/** The SQL of webhook_health_metrics, and of the state of endpoints. */
@Injectable()
export class WebhookHealthRepository {
  constructor(private readonly database: Database) {}

  /** Adds to the counts per minute, in key order, so that two recorders cannot deadlock. Skips removed endpoints. */
  async count(minutes: readonly HealthMinute[]): Promise<void> {
    const rows = [...minutes].sort(
      (a, b) => a.endpointId.localeCompare(b.endpointId) || a.minute.getTime() - b.minute.getTime(),
    );
    await this.database.prepared(
      `INSERT INTO webhook_health_metrics AS m (endpoint_id, minute, sent, failed, latency_ms_sum, latency_ms_max)
       SELECT n.* FROM unnest($1::uuid[], $2::timestamptz[], $3::integer[], $4::integer[], $5::bigint[], $6::integer[]) AS n (endpoint_id, minute, sent, failed, latency_sum, latency_max)
       WHERE EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = n.endpoint_id)
       ON CONFLICT (endpoint_id, minute) DO UPDATE SET sent = m.sent + excluded.sent, failed = m.failed + excluded.failed,
         latency_ms_sum = m.latency_ms_sum + excluded.latency_ms_sum, latency_ms_max = greatest(m.latency_ms_max, excluded.latency_ms_max)`,
      [
        rows.map(({ endpointId }) => endpointId),
        rows.map(({ minute }) => minute),
        rows.map(({ sent }) => sent),
        rows.map(({ failed }) => failed),
        rows.map(({ latencyMsSum }) => Math.round(latencyMsSum)),
        rows.map(({ latencyMsMax }) => Math.round(latencyMsMax)),
      ],
    );
  }

  /** Returns those of these endpoints that are not healthy or may become so, locked, with their window. Usually none. */
  doubtful(
    ids: readonly string[],
    failedIds: readonly string[],
    since: Date,
  ): Promise<(WebhookEndpoint & HealthWindow)[]> {
    return this.database.prepared<WebhookEndpoint & HealthWindow>(
      `SELECT ${endpointColumns('e.')}, w.sent, w.failed FROM webhook_endpoints e CROSS JOIN LATERAL (
         SELECT coalesce(sum(m.sent), 0)::integer AS sent, coalesce(sum(m.failed), 0)::integer AS failed
         FROM webhook_health_metrics m WHERE m.endpoint_id = e.id AND m.minute > $3) w
       WHERE e.id = ANY ($1::uuid[]) AND (e.state <> 'healthy' OR e.failing_since IS NOT NULL OR e.id = ANY ($2::uuid[]))
       ORDER BY e.id FOR NO KEY UPDATE OF e`,
      [ids, failedIds, since],
    );
  }

  async save(id: string, { state, reason, failingSince }: EndpointHealth, probeAt: Date | null): Promise<void> {
    await this.database.rows(
      `UPDATE webhook_endpoints SET state_since = CASE WHEN state = $2 THEN state_since ELSE now() END, state = $2, state_reason = $3, failing_since = $4,
         probe_at = $5 WHERE id = $1`,
      [id, state, reason, failingSince, probeAt],
    );
  }

  /** Returns the endpoints whose probe is due, each to one caller only. Their next probe is due at `next`. */
  takeDueProbes(next: Date): Promise<WebhookEndpoint[]> {
    return this.database.rows<WebhookEndpoint>(
      `UPDATE webhook_endpoints SET probe_at = $1 WHERE id IN (
         SELECT id FROM webhook_endpoints WHERE state = 'disabled' AND probe_at <= now() ORDER BY probe_at LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED)
       RETURNING ${ENDPOINT_COLUMNS}`,
      [next],
    );
  }

  /** Returns the counts per minute, oldest first. */
  async minutes(endpointId: string, since: Date): Promise<HealthMinute[]> {
    const rows = await this.database.rows<Omit<HealthMinute, 'latencyMsSum'> & { latencyMsSum: string }>(
      `SELECT endpoint_id AS "endpointId", minute, sent, failed, latency_ms_sum AS "latencyMsSum", latency_ms_max AS "latencyMsMax"
       FROM webhook_health_metrics WHERE endpoint_id = $1 AND minute > $2 ORDER BY minute`,
      [endpointId, since],
    );
    return rows.map((row) => ({ ...row, latencyMsSum: Number(row.latencyMsSum) }));
  }

  /** Counts endpoints by state, without paused ones. */
  async countStates(): Promise<Record<string, number>> {
    const rows = await this.database.rows<{ state: string; count: number }>(
      `SELECT state, count(*)::integer AS count FROM webhook_endpoints WHERE state_reason IS DISTINCT FROM 'paused' GROUP BY state`,
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }
}
