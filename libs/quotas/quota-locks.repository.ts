import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/**
 * Advisory locks of quotas. Advisory and not a lock of the owner's row, because writers of other tables lock that row too, and
 * the desk has no row. They end with the transaction.
 */
@Injectable()
export class QuotaLocksRepository {
  constructor(private readonly database: Database) {}

  /** Waits until no other transaction holds the lock of this quota and owner. */
  async take(quota: string, owner: string | null): Promise<void> {
    await this.database.rows(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [
      `quota:${quota}:${owner ?? 'desk'}`,
    ]);
  }
}
