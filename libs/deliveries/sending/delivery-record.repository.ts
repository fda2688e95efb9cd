import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { DeliveryStatus } from '../ledger/delivery.js';
import { type LaneCircuit, type Tally, WINDOW_MS } from '../lanes/lane-circuit.js';
import type { CircuitState } from '../lanes/lane.js';
import type { AttemptRow } from './ended-attempt.js';

/** A delivery after its outcome was recorded. */
export interface RecordedDelivery {
  id: string;
  endpointId: string;
  alertId: string | null;
  messageId: string;
  attempts: number;
  status: DeliveryStatus;
  correlationId: string | null;
}

export interface LaneRecord {
  endpointId: string;
  circuit: LaneCircuit;
  recent: Tally;
}

const BUCKET_SECONDS = 10;

/**
 * $1 owner, then one array per column. A failure is recorded if no newer attempt was claimed, even after the end of the lease:
 * a delivery that is back in the queue then waits for its retry instead of being sent at once. A success is always recorded. A
 * failed probe of a held lane returns to its place with an unchanged schedule. The commit does not wait for the disk: outcomes
 * that a crash of PostgreSQL loses are sent again with the same id.
 */
const RECORD = `
  WITH fast AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  ), ended AS MATERIALIZED (
    SELECT * FROM unnest($2::uuid[], $3::integer[], $4::timestamptz[], $5::text[], $6::text[], $7::integer[], $8::timestamptz[], $9::integer[], $10::text[],
      $11::text[], $12::integer[], $13::text[])
      AS e (id, attempt, at, outcome, status, step, next_attempt_at, status_code, error_class, error, latency_ms, response_body)
  ), moved AS (
    UPDATE alert_delivery_queue q SET
      status = CASE WHEN e.status = 'pending' AND l.mode IN ('held', 'probing') THEN 'held' ELSE e.status END,
      step = CASE WHEN e.status = 'pending' AND l.mode IN ('held', 'probing') THEN q.step ELSE e.step END,
      next_attempt_at = e.next_attempt_at, lease_until = NULL, lease_owner = NULL,
      settled_at = CASE WHEN e.status <> 'pending' THEN e.at END,
      last_status_code = e.status_code, last_error_class = e.error_class, last_error = e.error, last_latency_ms = e.latency_ms
    FROM fast, ended e, delivery_lanes l
    WHERE q.id = e.id AND l.endpoint_id = q.endpoint_id
      AND q.status IN ('pending', 'sending', 'held') AND (e.status = 'delivered' OR (q.lease_owner = $1::uuid AND q.attempts = e.attempt))
    RETURNING q.*
  ), logged AS (
    INSERT INTO delivery_attempts (delivery_id, attempt, at, outcome, status_code, error_class, error, latency_ms, response_body)
    SELECT id, attempt, at, outcome, status_code, error_class, error, latency_ms, response_body FROM ended
    ON CONFLICT (delivery_id, attempt) DO NOTHING
  ), tallied AS (
    INSERT INTO delivery_lane_windows (endpoint_id, bucket, delivered, failed)
    SELECT endpoint_id, to_timestamp(floor(extract(epoch FROM clock_timestamp()) / ${BUCKET_SECONDS}) * ${BUCKET_SECONDS}),
      count(*) FILTER (WHERE status = 'delivered'), count(*) FILTER (WHERE status <> 'delivered')
    FROM moved GROUP BY endpoint_id ORDER BY endpoint_id
    ON CONFLICT (endpoint_id, bucket) DO UPDATE SET
      delivered = delivery_lane_windows.delivered + excluded.delivered, failed = delivery_lane_windows.failed + excluded.failed
  ), feed AS (
    ${appendSql('deliveries', 'endpoint_id::text', { distinct: true })} FROM moved
  )
  SELECT id, endpoint_id AS "endpointId", alert_id AS "alertId", message_id AS "messageId", attempts, status, correlation_id AS "correlationId" FROM moved`;

/** Counts since the circuit last changed, so that earlier failures do not count after a recovery. */
const RECENT = `w.endpoint_id = l.endpoint_id AND w.bucket > now() - interval '${WINDOW_MS} ms' AND w.bucket >= l.circuit_since - interval '${BUCKET_SECONDS} s'`;

const CIRCUITS = `
  SELECT l.endpoint_id AS "endpointId", l.circuit, l.circuit_since AS since, l.probe_at AS "probeAt", l.failures_in_row AS "failuresInRow", l.proven,
    (SELECT coalesce(sum(w.delivered), 0)::integer FROM delivery_lane_windows w WHERE ${RECENT}) AS delivered,
    (SELECT coalesce(sum(w.failed), 0)::integer FROM delivery_lane_windows w WHERE ${RECENT}) AS failed
  FROM delivery_lanes l WHERE l.endpoint_id = ANY ($1::uuid[]) ORDER BY l.endpoint_id FOR NO KEY UPDATE OF l`;

/** The SQL of outcomes. Call it inside a transaction. */
@Injectable()
export class DeliveryRecordRepository {
  constructor(private readonly database: Database) {}

  /** @returns the deliveries that the attempts have changed, in no order */
  record(owner: string, rows: readonly AttemptRow[]): Promise<RecordedDelivery[]> {
    const column = <K extends keyof AttemptRow>(name: K) => rows.map((row) => row[name]);
    return this.database.rows<RecordedDelivery>(RECORD, [
      owner,
      ...(
        [
          'id',
          'attempt',
          'at',
          'outcome',
          'status',
          'step',
          'nextAttemptAt',
          'statusCode',
          'errorClass',
          'error',
          'latencyMs',
          'responseBody',
        ] as const
      ).map(column),
    ]);
  }

  /** Returns circuits of lanes with their recent outcomes, locked until the commit. */
  async circuits(endpointIds: readonly string[]): Promise<LaneRecord[]> {
    const rows = await this.database.rows<
      Omit<LaneCircuit, 'state'> & Tally & { endpointId: string; circuit: CircuitState }
    >(CIRCUITS, [endpointIds]);
    return rows.map(({ endpointId, circuit, delivered, failed, ...rest }) => ({
      endpointId,
      circuit: { ...rest, state: circuit },
      recent: { delivered, failed },
    }));
  }

  async saveCircuit(endpointId: string, { state, since, probeAt, failuresInRow, proven }: LaneCircuit): Promise<void> {
    await this.database.rows(
      `UPDATE delivery_lanes SET circuit = $2, circuit_since = $3, probe_at = $4, failures_in_row = $5, proven = $6 WHERE endpoint_id = $1`,
      [endpointId, state, since, probeAt, failuresInRow, proven],
    );
  }
}
