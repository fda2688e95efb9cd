import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** First half of the advisory lock key ("PF" in ASCII), so that it differs from all other locks. */
const SPACE = 0x5046;

/** Locks in the order of the hashes. Two brokers may share a hash, and an order by name could then deadlock two callers. */
const LOCK = (mode: 'pg_advisory_xact_lock' | 'pg_advisory_xact_lock_shared'): string =>
  `SELECT ${mode}(${SPACE}, k) FROM (SELECT DISTINCT hashtext(b) AS k FROM unnest($1::text[]) AS b ORDER BY k OFFSET 0) AS ordered`;

/**
 * Serialises the writes of snapshots and quotes of one broker; snapshots of a broker run side by side. Without this lock, a
 * snapshot and a quote written at the same moment each miss the other's uncommitted row, and the position keeps the old
 * price until the next quote. Held until the end of the transaction and taken before any row lock, so it cannot deadlock.
 */
@Injectable()
export class PricingLocksRepository {
  constructor(private readonly database: Database) {}

  /** Shared: for writers of snapshots. */
  async share(brokers: readonly string[]): Promise<void> {
    await this.database.rows(LOCK('pg_advisory_xact_lock_shared'), [brokers]);
  }

  /** Exclusive: for writers of quotes. */
  async take(brokers: readonly string[]): Promise<void> {
    await this.database.rows(LOCK('pg_advisory_xact_lock'), [brokers]);
  }
}
