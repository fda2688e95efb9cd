import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { FAILURES_IN_ROW, PROBE_EVERY_MS } from '../lanes/lane-circuit.js';
import type { OutgoingDelivery } from '../ledger/delivery.js';

/** Deliveries claimed at once for a recovering lane, to be sent one after another. */
const CHAIN = 8;

/** A delivery leased by this process. */
export interface ClaimedDelivery extends OutgoingDelivery {
  channel: string;
  /** Attempts of the schedule used before this one. */
  step: number;
  /** Whether its lane recovers, so that its deliveries are sent one after another. */
  inOrder: boolean;
  /** Whether a success of this lane changes its circuit. */
  doubtful: boolean;
  /** Whether the previous attempt has no outcome. Its worker stopped answering, and may still record it. */
  interrupted: boolean;
  /** Time of the request of the claim, by `performance.now()`. Its lease began after that. */
  claimedAt: number;
}

export interface Claim {
  owner: string;
  limit: number;
  leaseMs: number;
  channels: readonly string[];
  /** Lanes with too many slow sends in this process. */
  except: readonly string[];
}

/**
 * $1 owner, $2 limit, $3 lease in ms, $4 channels, $5 excluded lanes.
 *
 * waiting: jumps from lane to lane through the index, so a backlog of a million in one lane costs no more than one of ten.
 * lane: locked, so that two workers never count the free places of a lane at once. A worker skips locked lanes. A snapshot
 *   older than the lane's last claim (claim_xid) does not see the deliveries of that claim, so the lane is skipped too.
 *   NO KEY UPDATE without a foreign key does not block alerts that are being written.
 * room: free places, fewer after each failure in a row. Otherwise a lane that begins to hang fails twice as often until its circuit opens.
 * share: each lane gets the same part of the batch, whatever its backlog.
 * The commit does not wait for the disk. If a crash of PostgreSQL loses a claim, one delivery is sent again.
 */
const CLAIM = `
  WITH RECURSIVE fast AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
  ), waiting AS (
    (SELECT q.endpoint_id, q.next_attempt_at FROM alert_delivery_queue q
     WHERE q.status = 'pending' ORDER BY q.endpoint_id, q.next_attempt_at LIMIT 1)
    UNION ALL
    SELECT n.endpoint_id, n.next_attempt_at FROM waiting w CROSS JOIN LATERAL (
      SELECT q.endpoint_id, q.next_attempt_at FROM alert_delivery_queue q
      WHERE q.status = 'pending' AND q.endpoint_id > w.endpoint_id ORDER BY q.endpoint_id, q.next_attempt_at LIMIT 1) n
  ), lane AS MATERIALIZED (
    SELECT l.* FROM delivery_lanes l
    WHERE l.endpoint_id = ANY (ARRAY(SELECT endpoint_id FROM waiting WHERE next_attempt_at <= now()))
      AND l.mode <> 'held' AND (l.circuit = 'closed' OR l.probe_at <= now())
      AND l.channel = ANY ($4::text[]) AND l.endpoint_id <> ALL ($5::uuid[])
      AND pg_visible_in_snapshot(l.claim_xid::text::xid8, pg_current_snapshot())
    ORDER BY random() LIMIT $2::integer FOR NO KEY UPDATE SKIP LOCKED
  ), room AS (
    SELECT lane.*, flying.n AS flying, least(
      CASE
        WHEN lane.mode = 'probing' OR lane.circuit <> 'closed' THEN 1 - flying.n
        WHEN lane.mode = 'recovering' THEN CASE flying.n WHEN 0 THEN ${CHAIN} ELSE 0 END
        WHEN lane.proven THEN least(lane.concurrency, greatest(greatest(lane.concurrency, ${FAILURES_IN_ROW}) - lane.failures_in_row, 1)) - flying.n
        ELSE least(lane.concurrency, greatest(${FAILURES_IN_ROW} - lane.failures_in_row, 1)) - flying.n
      END,
      floor(bucket.tokens)) AS room, bucket.tokens AS tokens_now
    FROM lane
    CROSS JOIN LATERAL (SELECT count(*)::integer AS n FROM alert_delivery_queue q WHERE q.status = 'sending' AND q.endpoint_id = lane.endpoint_id) flying
    CROSS JOIN LATERAL (SELECT CASE WHEN lane.rate_per_second IS NULL THEN $2::integer ELSE least(greatest(lane.rate_per_second, 1),
      lane.tokens + lane.rate_per_second * least(extract(epoch FROM now() - lane.tokens_at), 3600)) END AS tokens) bucket
  ), share AS (
    SELECT *, least(room, greatest(1, ceil($2::numeric / count(*) OVER ())))::integer AS part FROM room WHERE room >= 1
  ), picked AS MATERIALIZED (
    SELECT q.id FROM share CROSS JOIN LATERAL (
      SELECT d.id FROM alert_delivery_queue d
      WHERE d.status = 'pending' AND d.endpoint_id = share.endpoint_id AND d.next_attempt_at <= now()
      ORDER BY d.endpoint_id, d.next_attempt_at, d.id LIMIT share.part FOR NO KEY UPDATE SKIP LOCKED) q LIMIT $2::integer
  ), claimed AS (
    UPDATE alert_delivery_queue q SET status = 'sending', attempts = q.attempts + 1, lease_owner = $1::uuid,
      lease_until = now() + $3::integer * interval '1 ms'
    FROM fast WHERE q.id = ANY (ARRAY(SELECT id FROM picked)) RETURNING q.*, old.lease_owner IS NOT NULL AS interrupted
  ), touched AS (
    UPDATE delivery_lanes l SET claim_xid = pg_current_xact_id()::text::bigint,
      tokens = CASE WHEN l.rate_per_second IS NULL THEN 0 ELSE share.tokens_now - c.n END, tokens_at = now(),
      circuit = CASE l.circuit WHEN 'closed' THEN 'closed' ELSE 'half-open' END,
      probe_at = CASE WHEN l.circuit <> 'closed' THEN now() + interval '${PROBE_EVERY_MS} ms' END,
      mode = CASE l.mode WHEN 'probing' THEN 'held' ELSE l.mode END
    FROM share JOIN (SELECT endpoint_id, count(*) AS n FROM claimed GROUP BY endpoint_id) c USING (endpoint_id)
    WHERE l.endpoint_id = share.endpoint_id
  )
  SELECT c.id, c.message_id AS "messageId", c.endpoint_id AS "endpointId", c.body, c.attempts AS attempt, c.created_at AS "createdAt",
    c.correlation_id AS "correlationId", c.step, share.channel, share.mode = 'recovering' AS "inOrder",
    (share.circuit <> 'closed' OR share.failures_in_row > 0 OR NOT share.proven) AS doubtful, c.interrupted
  FROM claimed c JOIN share USING (endpoint_id) ORDER BY c.next_attempt_at, c.id`;

/** The SQL of claims. */
@Injectable()
export class DeliveryClaimRepository {
  constructor(private readonly database: Database) {}

  async claim({ owner, limit, leaseMs, channels, except }: Claim): Promise<ClaimedDelivery[]> {
    const claimedAt = performance.now();
    const rows = await this.database.rows<ClaimedDelivery>(CLAIM, [owner, limit, leaseMs, channels, except]);
    for (const row of rows) row.claimedAt = claimedAt;
    return rows;
  }
}
