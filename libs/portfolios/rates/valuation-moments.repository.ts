import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import { utcTimeSql } from '#time';

/** The desk's moment: one row, so that every node that reads the same snapshot values portfolios at the same time. */
@Injectable()
export class ValuationMomentsRepository {
  constructor(private readonly database: Database) {}

  /** In UTC with microseconds; null before the first run of its task. */
  async current(): Promise<string | null> {
    const [row] = await this.database.rows<{ moment: string }>(
      `SELECT ${utcTimeSql('moment', 6)} AS moment FROM valuation_moments`,
    );
    return row?.moment ?? null;
  }

  /** Moves the moment forward. It never goes back. @returns whether it moved */
  async advance(moment: Date): Promise<boolean> {
    const rows = await this.database.rows(
      `WITH moved AS (
         INSERT INTO valuation_moments AS m (moment) VALUES ($1)
         ON CONFLICT (singleton) DO UPDATE SET moment = excluded.moment WHERE m.moment < excluded.moment
         RETURNING m.moment
       ), fed AS (${appendSql('moment', `'desk'`)} FROM moved)
       SELECT FROM moved`,
      [moment],
    );
    return rows.length > 0;
  }
}
