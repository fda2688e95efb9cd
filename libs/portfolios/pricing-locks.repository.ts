import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** First half of the advisory key, so that no other lock of the house is met: "PF" in ASCII. */
const SPACE = 0x5046;

/** In the order of the hashes: two brokers may share one, and an order by name would then let two callers deadlock. */
const LOCK = (mode: 'pg_advisory_xact_lock' | 'pg_advisory_xact_lock_shared'): string =>
  `SELECT ${mode}(${SPACE}, k) FROM (SELECT DISTINCT hashtext(b) AS k FROM unnest($1::text[]) AS b ORDER BY k OFFSET 0) AS ordered`;

/**
 * Snapshots and quotes of one broker take turns; snapshots among themselves do not. Without it a snapshot and a quote
 * that are written at the same moment each miss the other, uncommitted, and the position keeps the old price until the
 * next quote. Held to the end of the transaction and taken before any row, so it takes part in no deadlock.
 */
@Injectable()
export class PricingLocksRepository {
  constructor(private readonly database: Database) {}

  /** For writers of snapshots. */
  async share(brokers: readonly string[]): Promise<void> {
    await this.database.rows(LOCK('pg_advisory_xact_lock_shared'), [brokers]);
  }

  /** For writers of quotes. */
  async take(brokers: readonly string[]): Promise<void> {
    await this.database.rows(LOCK('pg_advisory_xact_lock'), [brokers]);
  }
}
