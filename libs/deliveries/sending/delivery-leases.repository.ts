import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** One claimed attempt. The attempt number keeps an old claim from changing a newer one of the same delivery. */
export interface LeasedAttempt {
  id: string;
  attempt: number;
}

/**
 * Returns a delivery to the queue without an outcome and at its place in the schedule, because a killed worker is not a failure
 * of the endpoint. The owner stays in the row. It marks an attempt without an outcome, which may still be recorded.
 */
const BACK = `status = CASE l.mode WHEN 'held' THEN 'held' ELSE 'pending' END, lease_until = NULL, next_attempt_at = now()`;

const RECLAIM_LIMIT = 5_000;

/**
 * The SQL of leases. A claimed row has the lease of its claim. After that the lease of its worker protects it (one row in
 * delivery_workers). Renewing each row does not work: a renewal must skip rows that a recording has locked, and their leases
 * have ended if that recording rolls back.
 */
@Injectable()
export class DeliveryLeasesRepository {
  constructor(private readonly database: Database) {}

  /** Extends the lease of a worker for all its deliveries. Does not wait for the disk: a crash of PostgreSQL ends leases early. */
  async renew(owner: string, leaseMs: number): Promise<void> {
    await this.database.rows(
      `WITH fast AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
       INSERT INTO delivery_workers (id, lease_until) SELECT $1::uuid, now() + $2::integer * interval '1 ms' FROM fast
       ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until`,
      [owner, leaseMs],
    );
  }

  /**
   * Takes over deliveries of workers whose lease has ended, and those of `owner` that it does not know (the answer to its claim
   * was lost). Deliveries of a live worker stay, whatever the age of their claim.
   * @param held ids that `owner` works on
   * @returns the number of deliveries
   */
  reclaim(owner: string, held: readonly string[]): Promise<number> {
    return this.database.run(
      `UPDATE alert_delivery_queue q SET ${BACK} FROM delivery_lanes l
       WHERE l.endpoint_id = q.endpoint_id AND q.id IN (
         SELECT d.id FROM alert_delivery_queue d WHERE d.status = 'sending' AND d.lease_until < now() AND d.id <> ALL ($2::uuid[])
           AND NOT EXISTS (SELECT 1 FROM delivery_workers w WHERE w.id = d.lease_owner AND w.id <> $1::uuid AND w.lease_until > now())
         ORDER BY d.id LIMIT ${RECLAIM_LIMIT} FOR UPDATE OF d SKIP LOCKED)`,
      [owner, held],
    );
  }

  /**
   * Whether `owner` may still send an attempt: since the claim no outcome was recorded, no worker took the delivery over, and its
   * endpoint exists. False for a row that is locked at this moment.
   */
  async confirm(owner: string, { id, attempt }: LeasedAttempt): Promise<boolean> {
    const rows = await this.database.rows(
      `SELECT 1 FROM alert_delivery_queue WHERE id = $1 AND status = 'sending' AND lease_owner = $2 AND attempts = $3 FOR NO KEY UPDATE SKIP LOCKED`,
      [id, owner, attempt],
    );
    return rows.length > 0;
  }

  /** Returns attempts to the queue that `owner` has not begun and will not begin. */
  async handBack(owner: string, attempts: readonly LeasedAttempt[]): Promise<void> {
    await this.database.rows(
      `UPDATE alert_delivery_queue q SET ${BACK} FROM delivery_lanes l, unnest($2::uuid[], $3::integer[]) AS a (id, attempt)
       WHERE q.id = a.id AND q.attempts = a.attempt AND q.status = 'sending' AND q.lease_owner = $1 AND l.endpoint_id = q.endpoint_id`,
      [owner, attempts.map(({ id }) => id), attempts.map(({ attempt }) => attempt)],
    );
  }

  /** Ends the lease of a stopping worker, and returns all its deliveries to the queue. */
  async release(owner: string): Promise<void> {
    await this.database.rows(
      `WITH worker AS (DELETE FROM delivery_workers WHERE id = $1)
       UPDATE alert_delivery_queue q SET ${BACK} FROM delivery_lanes l
       WHERE l.endpoint_id = q.endpoint_id AND q.status = 'sending' AND q.lease_owner = $1`,
      [owner],
    );
  }
}
