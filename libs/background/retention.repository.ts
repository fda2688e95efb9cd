import { Injectable } from '@nestjs/common';
import { Database } from '#database';

@Injectable()
export class RetentionRepository {
  constructor(private readonly database: Database) {}

  /**
   * Removes the oldest rows, up to `limit`. Locked rows are skipped until the next run, so two processes share the work
   * without waiting. By ctid, which a partitioned table does not have.
   * @param table of the code, never input
   * @param column of the code, never input: timestamptz, or uuid for ids that begin with 48 bits of Unix milliseconds
   * @returns the number of removed rows
   */
  removeOldest(
    table: string,
    column: string,
    type: 'timestamptz' | 'uuid',
    ageMs: number,
    limit: number,
  ): Promise<number> {
    // In a subquery: uuidv7() is volatile, and compared with directly it would keep the index from being used.
    const bound = type === 'uuid' ? `(SELECT uuidv7($1 * interval '-1 ms'))` : `now() - $1 * interval '1 ms'`;
    return this.database.run(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE ${column} < ${bound} ORDER BY ${column} LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [ageMs, limit],
    );
  }
}
