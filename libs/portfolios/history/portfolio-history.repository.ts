import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { utcTimeSql } from '#time';
import type { HistoryPoint } from '../portfolio.dto.js';

/**
 * The last point of each bucket, by one index lookup a bucket: the cost follows the points of the answer, not the rows
 * between (a year of minutes is half a million rows for 365 points). The partitions of other months are pruned at run time.
 */
const SERIES = `
SELECT ${utcTimeSql('b.at', 6)} AS at, ${utcTimeSql('h.as_of', 6)} AS "asOf", h.value::text AS value, h.cash::text AS cash, h.day_pnl::text AS "dayPnl"
  FROM generate_series(date_bin($4::interval, $2::timestamptz, 'epoch'), $3::timestamptz, $4::interval) AS b(at)
 CROSS JOIN LATERAL (
   SELECT as_of, value, cash, day_pnl FROM portfolio_history
    WHERE portfolio_id = $1 AND as_of >= greatest(b.at, $2::timestamptz) AND as_of < b.at + $4::interval AND as_of <= $3::timestamptz
    ORDER BY as_of DESC LIMIT 1) AS h
 ORDER BY b.at`;

/** The series behind a portfolio's chart. */
@Injectable()
export class PortfolioHistoryRepository {
  constructor(private readonly database: Database) {}

  /** @param stepMs the buckets' width, aligned to UTC; empty buckets are left out */
  series(portfolioId: string, from: string, to: string, stepMs: number): Promise<HistoryPoint[]> {
    return this.database.rows<HistoryPoint>(SERIES, [portfolioId, from, to, `${stepMs / 1000} seconds`]);
  }
}
