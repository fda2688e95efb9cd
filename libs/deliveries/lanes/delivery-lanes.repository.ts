import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { Lane, LaneSettings, WaitingDeliveries } from './lane.js';

const LANE = `endpoint_id AS "endpointId", channel, format, user_id AS "userId", operator, concurrency, rate_per_second AS "ratePerSecond",
  min_severity AS "minSeverity", mode, hold_reason AS "holdReason", circuit`;

const FEED = `feed AS (${appendSql('deliveries', 'endpoint_id::text')} FROM lane)`;

/** The SQL of lanes. */
@Injectable()
export class DeliveryLanesRepository {
  constructor(private readonly database: Database) {}

  async put({
    endpointId,
    channel,
    format,
    userId,
    operator,
    concurrency,
    ratePerSecond,
    minSeverity,
  }: LaneSettings): Promise<void> {
    await this.database.rows(
      `INSERT INTO delivery_lanes (endpoint_id, channel, format, user_id, operator, concurrency, rate_per_second, min_severity)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (endpoint_id) DO UPDATE SET channel = excluded.channel, format = excluded.format, user_id = excluded.user_id,
         operator = excluded.operator, concurrency = excluded.concurrency, rate_per_second = excluded.rate_per_second, min_severity = excluded.min_severity`,
      [endpointId, channel, format, userId, operator, concurrency, ratePerSecond, minSeverity ?? null],
    );
  }

  /** Removes the lane and cancels its waiting deliveries. Ended deliveries stay. @returns the number of cancelled ones by their status before */
  async remove(endpointId: string): Promise<WaitingDeliveries> {
    const [cancelled] = await this.database.rows<WaitingDeliveries>(
      `WITH lane AS (DELETE FROM delivery_lanes WHERE endpoint_id = $1 RETURNING endpoint_id), ${FEED}, cancelled AS (
         UPDATE alert_delivery_queue SET status = 'cancelled', settled_at = now(), lease_until = NULL, lease_owner = NULL, last_error = 'The endpoint was deleted.'
         WHERE endpoint_id = $1 AND status IN ('pending', 'held', 'sending') RETURNING old.status)
       SELECT count(*) FILTER (WHERE status <> 'held')::integer AS pending, count(*) FILTER (WHERE status = 'held')::integer AS held FROM cancelled`,
      [endpointId],
    );
    return cancelled!;
  }

  /** Counts by partial indexes, whatever the size of the ledger. Endpoints without waiting deliveries are not returned. */
  waiting(endpointIds: readonly string[]): Promise<(WaitingDeliveries & { endpointId: string })[]> {
    const of = (status: string) =>
      `SELECT endpoint_id, status FROM alert_delivery_queue WHERE status = '${status}' AND endpoint_id = ANY ($1::uuid[])`;
    return this.database.rows(
      `SELECT endpoint_id AS "endpointId", count(*) FILTER (WHERE status <> 'held')::integer AS pending,
         count(*) FILTER (WHERE status = 'held')::integer AS held
       FROM (${of('pending')} UNION ALL ${of('sending')} UNION ALL ${of('held')}) q GROUP BY endpoint_id`,
      [endpointIds],
    );
  }

  /** Holds all waiting deliveries, due or not. */
  async hold(endpointId: string, reason: string): Promise<void> {
    await this.database.rows(
      `WITH lane AS (UPDATE delivery_lanes SET mode = 'held', mode_since = now(), hold_reason = $2 WHERE endpoint_id = $1 RETURNING endpoint_id), ${FEED}
       UPDATE alert_delivery_queue q SET status = 'held' FROM lane WHERE q.endpoint_id = lane.endpoint_id AND q.status = 'pending'`,
      [endpointId, reason],
    );
  }

  /** Releases the first held delivery, or the next new one if there is none. */
  async probe(endpointId: string): Promise<void> {
    await this.database.rows(
      `WITH lane AS (
         UPDATE delivery_lanes SET mode = 'probing', mode_since = now(), circuit = 'closed', probe_at = NULL
         WHERE endpoint_id = $1 AND mode = 'held' RETURNING endpoint_id), ${FEED}
       UPDATE alert_delivery_queue SET status = 'pending', next_attempt_at = now() WHERE id = (
         SELECT q.id FROM alert_delivery_queue q JOIN lane USING (endpoint_id) WHERE q.status = 'held' ORDER BY q.endpoint_id, q.id LIMIT 1)`,
      [endpointId],
    );
  }

  /** Makes all held deliveries due now, in the order of ids, and resets the circuit. */
  async release(endpointId: string): Promise<void> {
    await this.database.rows(
      `WITH lane AS (
         UPDATE delivery_lanes SET mode = 'recovering', mode_since = now(), hold_reason = NULL, circuit = 'closed', circuit_since = now(), probe_at = NULL,
           failures_in_row = 0 WHERE endpoint_id = $1 AND mode <> 'normal' RETURNING endpoint_id), ${FEED}
       UPDATE alert_delivery_queue q SET status = 'pending', next_attempt_at = now() FROM lane WHERE q.endpoint_id = lane.endpoint_id AND q.status = 'held'`,
      [endpointId],
    );
  }

  find(ids: readonly string[]): Promise<Lane[]> {
    return this.database.rows<Lane>(
      `SELECT ${LANE} FROM delivery_lanes WHERE endpoint_id = ANY ($1::uuid[]) ORDER BY endpoint_id`,
      [ids],
    );
  }

  operatorLanes(except: string | null): Promise<Lane[]> {
    return this.database.rows<Lane>(
      `SELECT ${LANE} FROM delivery_lanes WHERE operator AND endpoint_id IS DISTINCT FROM $1::uuid ORDER BY endpoint_id`,
      [except],
    );
  }

  ofUser(userId: string): Promise<Lane[]> {
    return this.database.rows<Lane>(`SELECT ${LANE} FROM delivery_lanes WHERE user_id = $1 ORDER BY endpoint_id`, [
      userId,
    ]);
  }

  /** Ends the recovery of lanes that have sent all held deliveries. @returns their number */
  finishRecoveries(): Promise<number> {
    return this.database.run(
      `WITH lane AS (
         UPDATE delivery_lanes l SET mode = 'normal', mode_since = now() WHERE l.mode = 'recovering'
           AND NOT EXISTS (SELECT 1 FROM alert_delivery_queue q WHERE q.endpoint_id = l.endpoint_id AND q.status = 'pending' AND q.next_attempt_at <= l.mode_since)
           AND NOT EXISTS (SELECT 1 FROM alert_delivery_queue q WHERE q.endpoint_id = l.endpoint_id AND q.status = 'sending')
         RETURNING endpoint_id)
       ${appendSql('deliveries', 'endpoint_id::text')} FROM lane`,
    );
  }

  /**
   * Corrects deliveries left pending by alerts that were written while their lane was held or removed.
   * @returns their number
   */
  async settleStragglers(): Promise<number> {
    const held = await this.database.run(
      `UPDATE alert_delivery_queue q SET status = 'held' FROM delivery_lanes l
       WHERE l.mode = 'held' AND q.endpoint_id = l.endpoint_id AND q.status = 'pending'`,
    );
    const cancelled = await this.database.run(
      `UPDATE alert_delivery_queue q SET status = 'cancelled', settled_at = now(), lease_until = NULL, lease_owner = NULL, last_error = 'The endpoint was deleted.'
       WHERE q.status IN ('pending', 'held') AND NOT EXISTS (SELECT 1 FROM delivery_lanes l WHERE l.endpoint_id = q.endpoint_id)`,
    );
    return held + cancelled;
  }
}
