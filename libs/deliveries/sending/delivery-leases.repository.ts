import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** One claimed attempt. With the attempt's number, an old claim never touches a newer one of the same delivery. */
export interface LeasedAttempt {
  id: string;
  attempt: number;
}

/**
 * Back to the queue without an outcome, at its place in the schedule: a killed worker is no failure of the endpoint. The
 * owner stays in the row. It marks an attempt whose end is unknown, and lets the outcome be recorded if it comes after all.
 */
const BACK = `status = CASE l.mode WHEN 'held' THEN 'held' ELSE 'pending' END, lease_until = NULL, next_attempt_at = now()`;

const RECLAIM_LIMIT = 5_000;

/**
 * The SQL of leases. A claimed row has the lease of its claim; from then on the lease of its worker (one row in
 * delivery_workers) protects it. Renewing each row instead was not possible: a renewal must skip rows that a recording
 * has locked, and if that recording rolls back, their leases have run out.
 */
@Injectable()
export class DeliveryLeasesRepository {
  constructor(private readonly database: Database) {}

  /** Extends the lease of a worker, which covers all it holds. Does not wait for the disk: a crash of PostgreSQL ends leases early. */
  async renew(owner: string, leaseMs: number): Promise<void> {
    await this.database.rows(
      `WITH fast AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
       INSERT INTO delivery_workers (id, lease_until) SELECT $1::uuid, now() + $2::integer * interval '1 ms' FROM fast
       ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until`,
      [owner, leaseMs],
    );
  }

  /**
   * Takes deliveries from workers that are gone, and those of `owner` that it does not hold (the answer to its claim was
   * lost). What a live worker holds stays, however old its claim is.
   * @param held ids that `owner` works on
   * @returns how many
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
   * Whether `owner` may still send an attempt: nobody has recorded an outcome, taken the delivery over or removed its
   * endpoint since the claim. A row that is being changed at this moment counts as no.
   */
  async confirm(owner: string, { id, attempt }: LeasedAttempt): Promise<boolean> {
    const rows = await this.database.rows(
      `SELECT 1 FROM alert_delivery_queue WHERE id = $1 AND status = 'sending' AND lease_owner = $2 AND attempts = $3 FOR NO KEY UPDATE SKIP LOCKED`,
      [id, owner, attempt],
    );
    return rows.length > 0;
  }

  /** Returns attempts that `owner` has not begun and will not begin. */
  async handBack(owner: string, attempts: readonly LeasedAttempt[]): Promise<void> {
    await this.database.rows(
      `UPDATE alert_delivery_queue q SET ${BACK} FROM delivery_lanes l, unnest($2::uuid[], $3::integer[]) AS a (id, attempt)
       WHERE q.id = a.id AND q.attempts = a.attempt AND q.status = 'sending' AND q.lease_owner = $1 AND l.endpoint_id = q.endpoint_id`,
      [owner, attempts.map(({ id }) => id), attempts.map(({ attempt }) => attempt)],
    );
  }

  /** Ends the lease of a worker that stops, and returns everything it still holds. */
  async release(owner: string): Promise<void> {
    await this.database.rows(
      `WITH worker AS (DELETE FROM delivery_workers WHERE id = $1)
       UPDATE alert_delivery_queue q SET ${BACK} FROM delivery_lanes l
       WHERE l.endpoint_id = q.endpoint_id AND q.status = 'sending' AND q.lease_owner = $1`,
      [owner],
    );
  }
}
