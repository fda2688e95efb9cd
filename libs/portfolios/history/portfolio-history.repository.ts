import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { utcTimeSql } from '#time';
import type { HistoryPoint } from '../portfolio.dto.js';

/**
 * Reads the last point of each bucket by one index lookup per bucket. The cost follows the number of points in the answer,
 * not the rows between them: a year of minutes is half a million rows for 365 points. PostgreSQL prunes the partitions of
 * other months at run time.
 */
const SERIES = `
SELECT ${utcTimeSql('b.at', 6)} AS at, ${utcTimeSql('h.as_of', 6)} AS "asOf", h.value::text AS value, h.cash::text AS cash, h.day_pnl::text AS "dayPnl"
  FROM generate_series(date_bin($4::interval, $2::timestamptz, 'epoch'), $3::timestamptz, $4::interval) AS b(at)
 CROSS JOIN LATERAL (
   SELECT as_of, value, cash, day_pnl FROM portfolio_history
    WHERE portfolio_id = $1 AND as_of >= greatest(b.at, $2::timestamptz) AND as_of < b.at + $4::interval AND as_of <= $3::timestamptz
    ORDER BY as_of DESC LIMIT 1) AS h
 ORDER BY b.at`;

/** Reads the points of a portfolio's chart. */
@Injectable()
export class PortfolioHistoryRepository {
  constructor(private readonly database: Database) {}

  /** Leaves out empty buckets. @param stepMs width of the buckets, which are aligned to UTC */
  series(portfolioId: string, from: string, to: string, stepMs: number): Promise<HistoryPoint[]> {
    return this.database.rows<HistoryPoint>(SERIES, [portfolioId, from, to, `${stepMs / 1000} seconds`]);
  }
}
