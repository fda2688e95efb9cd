import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { VenueName } from './calendars/calendars.js';
import type { DayRule } from './venue-rules.js';

export interface CorrectedDay {
  venue: VenueName;
  day: string;
  rule: DayRule;
  reason: string;
}

/** The SQL of corrected days. */
@Injectable()
export class VenueDaysRepository {
  constructor(private readonly database: Database) {}

  all(): Promise<CorrectedDay[]> {
    return this.database.rows<CorrectedDay>(`SELECT venue, day::text AS day, rule, reason FROM venue_days`);
  }

  async put({ venue, day, rule, reason }: CorrectedDay, changedBy: string): Promise<void> {
    await this.database.rows(
      `WITH corrected AS (
         INSERT INTO venue_days (venue, day, rule, reason, changed_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (venue, day) DO UPDATE SET rule = excluded.rule, reason = excluded.reason,
           changed_by = excluded.changed_by, updated_at = now()
         RETURNING venue)
       ${appendSql('venues', 'venue')} FROM corrected`,
      [venue, day, JSON.stringify(rule), reason, changedBy],
    );
  }

  /** @returns whether there was a correction */
  async remove(venue: VenueName, day: string): Promise<boolean> {
    const removed = await this.database.run(
      `WITH corrected AS (DELETE FROM venue_days WHERE venue = $1 AND day = $2 RETURNING venue)
       ${appendSql('venues', 'venue')} FROM corrected`,
      [venue, day],
    );
    return removed > 0;
  }
}
