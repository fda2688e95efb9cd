import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { DeliveryStatus } from './delivery.js';
import type { CircuitState, LaneMode } from '../lanes/lane.js';

/** A delivery as lists show it. */
export interface DeliveryView {
  id: string;
  alertId: string | null;
  endpointId: string;
  messageId: string;
  status: DeliveryStatus;
  attempts: number;
  /** Null unless it is pending. */
  nextAttemptAt: Date | null;
  createdAt: Date;
  settledAt: Date | null;
  statusCode: number | null;
  errorClass: string | null;
  error: string | null;
  latencyMs: number | null;
  correlationId: string | null;
}

export interface AttemptView {
  attempt: number;
  at: Date;
  outcome: 'delivered' | 'failed' | 'gone';
  statusCode: number | null;
  errorClass: string | null;
  error: string | null;
  latencyMs: number;
  responseBody: string | null;
}

export interface DeliveryFilter {
  statuses?: readonly DeliveryStatus[] | undefined;
  endpointIds?: readonly string[] | undefined;
  alertIds?: readonly string[] | undefined;
  /** Only deliveries to this user's endpoints. */
  userId?: string | undefined;
  /** First id of the range, and the first one after it. A delivery's id begins with the time at which it was enqueued. */
  fromId?: string | undefined;
  toId?: string | undefined;
  /** Id of the last delivery of the page before. */
  after?: string | undefined;
  /** Default: the newest. */
  oldestFirst?: boolean;
  limit: number;
}

/** Waiting deliveries of one lane. */
export interface LaneBacklog {
  endpointId: string;
  mode: LaneMode;
  circuit: CircuitState;
  userId: string | null;
  pending: number;
  sending: number;
  held: number;
  dead: number;
  /** Time at which the oldest pending delivery was enqueued. */
  oldestPendingAt: Date | null;
}

/** All lanes, ordered by endpoint, and their sums. Depends on the snapshot only. */
export interface DeliveriesOverview {
  pending: number;
  sending: number;
  held: number;
  dead: number;
  oldestPendingAt: Date | null;
  lanes: LaneBacklog[];
}

/** Waiting deliveries of all endpoints together. */
export interface Backlog {
  /** Includes those being sent. */
  pending: number;
  held: number;
  dead: number;
  /** Endpoints whose circuit is not closed. */
  open: number;
  /** Waiting time of the oldest delivery that is due, of endpoints that are not held and whose circuit is closed. */
  oldestSeconds: number;
}

const VIEW = `q.id, q.alert_id AS "alertId", q.endpoint_id AS "endpointId", q.message_id AS "messageId", q.status, q.attempts,
  CASE q.status WHEN 'pending' THEN q.next_attempt_at END AS "nextAttemptAt", q.created_at AS "createdAt", q.settled_at AS "settledAt",
  q.last_status_code AS "statusCode", q.last_error_class AS "errorClass", q.last_error AS error, q.last_latency_ms AS "latencyMs",
  q.correlation_id AS "correlationId"`;

const MINE = `EXISTS (SELECT 1 FROM delivery_lanes l WHERE l.endpoint_id = q.endpoint_id AND l.user_id = `;

/** Counts undelivered rows only, because partial indexes cover them whatever the size of the ledger. */
const OVERVIEW = `
  WITH waiting AS (
    SELECT endpoint_id, count(*) FILTER (WHERE status = 'pending') AS pending, count(*) FILTER (WHERE status = 'sending') AS sending,
      count(*) FILTER (WHERE status = 'held') AS held, count(*) FILTER (WHERE status = 'dead') AS dead, min(created_at) FILTER (WHERE status = 'pending') AS oldest
    FROM (
      SELECT endpoint_id, status, created_at FROM alert_delivery_queue WHERE status = 'pending' UNION ALL
      SELECT endpoint_id, status, created_at FROM alert_delivery_queue WHERE status = 'sending' UNION ALL
      SELECT endpoint_id, status, created_at FROM alert_delivery_queue WHERE status = 'held' UNION ALL
      SELECT endpoint_id, status, created_at FROM alert_delivery_queue WHERE status = 'dead') q
    GROUP BY endpoint_id
  )
  SELECT l.endpoint_id AS "endpointId", l.mode, l.circuit, l.user_id AS "userId", coalesce(w.pending, 0)::integer AS pending,
    coalesce(w.sending, 0)::integer AS sending, coalesce(w.held, 0)::integer AS held, coalesce(w.dead, 0)::integer AS dead, w.oldest AS "oldestPendingAt"
  FROM delivery_lanes l LEFT JOIN waiting w USING (endpoint_id) ORDER BY l.endpoint_id`;

/** Reads the ledger, for lists and panels. */
@Injectable()
export class DeliveriesRepository {
  constructor(private readonly database: Database) {}

  /** Lists deliveries by the time at which they were enqueued. */
  page(filter: DeliveryFilter): Promise<DeliveryView[]> {
    const params: unknown[] = [filter.limit];
    const conditions = Database.conditions(params, [
      ['q.status = ANY ', filter.statuses, 'text[]'],
      ['q.endpoint_id = ANY ', filter.endpointIds, 'uuid[]'],
      ['q.alert_id = ANY ', filter.alertIds, 'uuid[]'],
      ['q.id >= ', filter.fromId, 'uuid'],
      ['q.id < ', filter.toId, 'uuid'],
      [filter.oldestFirst ? 'q.id > ' : 'q.id < ', filter.after, 'uuid'],
    ]);
    if (filter.userId !== undefined) conditions.push(`${MINE} $${params.push(filter.userId)}::uuid)`);
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    return this.database.rows<DeliveryView>(
      `SELECT ${VIEW} FROM alert_delivery_queue q ${where} ORDER BY q.id ${filter.oldestFirst ? 'ASC' : 'DESC'} LIMIT $1`,
      params,
    );
  }

  /** @param userId only if the endpoint belongs to this user */
  async find(id: string, userId?: string): Promise<(DeliveryView & { body: string }) | undefined> {
    const [row] = await this.database.rows<DeliveryView & { body: string }>(
      `SELECT ${VIEW}, q.body FROM alert_delivery_queue q WHERE q.id = $1 AND ($2::uuid IS NULL OR ${MINE} $2))`,
      [id, userId ?? null],
    );
    return row;
  }

  /** Those of these deliveries that exist, with their endpoints. @param userId only if the endpoint belongs to this user */
  endpointsOf(ids: readonly string[], userId?: string): Promise<{ id: string; endpointId: string }[]> {
    return this.database.rows(
      `SELECT q.id, q.endpoint_id AS "endpointId" FROM alert_delivery_queue q WHERE q.id = ANY ($1::uuid[]) AND ($2::uuid IS NULL OR ${MINE} $2))`,
      [ids, userId ?? null],
    );
  }

  attempts(id: string): Promise<AttemptView[]> {
    return this.database.rows<AttemptView>(
      `SELECT attempt, at, outcome, status_code AS "statusCode", error_class AS "errorClass", error, latency_ms AS "latencyMs", response_body AS "responseBody"
       FROM delivery_attempts WHERE delivery_id = $1 ORDER BY attempt`,
      [id],
    );
  }

  async overview(): Promise<DeliveriesOverview> {
    const lanes = await this.database.prepared<LaneBacklog>(OVERVIEW);
    const sum = (of: 'pending' | 'sending' | 'held' | 'dead') => lanes.reduce((total, lane) => total + lane[of], 0);
    const oldest = lanes.flatMap(({ oldestPendingAt }) => (oldestPendingAt ? [oldestPendingAt.getTime()] : []));
    return {
      pending: sum('pending'),
      sending: sum('sending'),
      held: sum('held'),
      dead: sum('dead'),
      oldestPendingAt: oldest.length > 0 ? new Date(Math.min(...oldest)) : null,
      lanes,
    };
  }

  /** Sums over all endpoints. Reads partial indexes, whatever the size of the ledger. */
  async backlog(): Promise<Backlog> {
    const [row] = await this.database.rows<Backlog>(
      `SELECT (SELECT count(*)::integer FROM alert_delivery_queue WHERE status = 'pending') + (SELECT count(*)::integer FROM alert_delivery_queue WHERE status = 'sending') AS pending,
         (SELECT count(*)::integer FROM alert_delivery_queue WHERE status = 'held') AS held,
         (SELECT count(*)::integer FROM alert_delivery_queue WHERE status = 'dead') AS dead,
         (SELECT count(*)::integer FROM delivery_lanes WHERE circuit <> 'closed') AS open,
         coalesce((SELECT extract(epoch FROM now() - min(due.at))::double precision FROM delivery_lanes l CROSS JOIN LATERAL (
           SELECT q.next_attempt_at AS at FROM alert_delivery_queue q WHERE q.status = 'pending' AND q.endpoint_id = l.endpoint_id AND q.next_attempt_at <= now()
           ORDER BY q.endpoint_id, q.next_attempt_at LIMIT 1) due WHERE l.mode = 'normal' AND l.circuit = 'closed'), 0) AS "oldestSeconds"`,
    );
    return row!;
  }

  /** Removes a batch of old ended deliveries with their attempts. Selects by id, so it reads nothing if nothing is old. @returns the number of deliveries */
  async purge(retentionMs: number, chunk: number): Promise<number> {
    const [row] = await this.database.rows<{ count: string }>(
      `WITH gone AS (
         DELETE FROM alert_delivery_queue WHERE id IN (
           SELECT id FROM alert_delivery_queue WHERE id < (SELECT uuidv7($1 * interval '-1 ms')) AND settled_at IS NOT NULL
             AND settled_at < now() - $1 * interval '1 ms' * CASE status WHEN 'dead' THEN 3 ELSE 1 END ORDER BY id LIMIT $2)
         RETURNING id),
       tries AS (DELETE FROM delivery_attempts a USING gone WHERE a.delivery_id = gone.id)
       SELECT count(*) FROM gone`,
      [retentionMs, chunk],
    );
    return Number(row!.count);
  }

  /** Removes all deliveries to endpoints of these users, for `demo clear`. @returns the number of deliveries */
  async removeOfUsers(userIds: readonly string[]): Promise<number> {
    const [row] = await this.database.rows<{ count: string }>(
      `WITH lane AS (SELECT endpoint_id FROM delivery_lanes WHERE user_id = ANY ($1::uuid[])),
       gone AS (DELETE FROM alert_delivery_queue q USING lane WHERE q.endpoint_id = lane.endpoint_id RETURNING q.id),
       tries AS (DELETE FROM delivery_attempts a USING gone WHERE a.delivery_id = gone.id),
       feed AS (${appendSql('deliveries', 'endpoint_id::text')} FROM lane)
       SELECT count(*) FROM gone`,
      [userIds],
    );
    return Number(row!.count);
  }
}
