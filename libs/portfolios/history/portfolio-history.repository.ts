import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { utcTimeSql } from '#time';
import type { HistoryPoint } from '../portfolio.dto.js';
import type { HistoryBucket } from './history-buckets.js';

/**
 * Reads the last point of each bucket by one index lookup per bucket. The cost follows the number of points in the answer,
 * not the rows between them: a year of minutes is half a million rows for 365 points. PostgreSQL prunes the partitions of
 * other months at run time.
 */
const SERIES = `
SELECT ${utcTimeSql('b.at')} AS at, b.day, ${utcTimeSql('h.as_of')} AS "asOf", h.value::text AS value, h.cash::text AS cash, h.day_pnl::text AS "dayPnl"
  FROM unnest($4::timestamptz[], $5::timestamptz[], $6::text[]) AS b(at, ends, day)
 CROSS JOIN LATERAL (
   SELECT as_of, value, cash, day_pnl FROM portfolio_history
    WHERE portfolio_id = $1 AND as_of >= greatest(b.at, $2::timestamptz) AND as_of < b.ends AND as_of <= $3::timestamptz
    ORDER BY as_of DESC LIMIT 1) AS h
 ORDER BY b.at`;

/** A point of a history. Amounts that were not known are null. */
export interface PortfolioPoint {
  portfolioId: string;
  asOf: string;
  value: string | null;
  cash: string;
  dayPnl: string | null;
}

/** A point that is there already is replaced only if it differs: two workers write the same points. */
const ADD = `
INSERT INTO portfolio_history AS h (portfolio_id, as_of, value, cash, day_pnl)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::numeric[], $4::numeric[], $5::numeric[]) AS x(portfolio_id, as_of, value, cash, day_pnl)
 ORDER BY portfolio_id COLLATE "C", as_of
ON CONFLICT (portfolio_id, as_of) DO UPDATE SET value = excluded.value, cash = excluded.cash, day_pnl = excluded.day_pnl
 WHERE (h.value, h.cash, h.day_pnl) IS DISTINCT FROM (excluded.value, excluded.cash, excluded.day_pnl)`;

/** Three minutes: the task runs once a minute, and a late run must not miss a quote. */
const MOVED_LATELY = `
SELECT DISTINCT p.portfolio_id AS id
  FROM portfolio_snapshots p CROSS JOIN LATERAL unnest(p.position_keys) AS held(key)
  JOIN quotes q ON q.broker = p.broker AND q.instrument_key = held.key
 WHERE p.closed_at IS NULL AND q.updated_at > now() - interval '3 minutes' ORDER BY id`;

/** Writes and reads the points of portfolios' charts. */
@Injectable()
export class PortfolioHistoryRepository {
  constructor(private readonly database: Database) {}

  async add(points: readonly PortfolioPoint[]): Promise<void> {
    if (points.length === 0) return;
    await this.database.run(ADD, [
      points.map(({ portfolioId }) => portfolioId),
      points.map(({ asOf }) => asOf),
      points.map(({ value }) => value),
      points.map(({ cash }) => cash),
      points.map(({ dayPnl }) => dayPnl),
    ]);
  }

  /** The open portfolios that hold a contract with a new quote. */
  async movedLately(): Promise<string[]> {
    return (await this.database.rows<{ id: string }>(MOVED_LATELY)).map(({ id }) => id);
  }

  /** The times of the first and the last point of a range; undefined if it has none. */
  async spanOf(portfolioId: string, from: string, to: string): Promise<{ first: string; last: string } | undefined> {
    const [row] = await this.database.rows<{ first: string | null; last: string }>(
      `SELECT ${utcTimeSql('min(as_of)', 6)} AS first, ${utcTimeSql('max(as_of)', 6)} AS last
         FROM portfolio_history WHERE portfolio_id = $1 AND as_of BETWEEN $2::timestamptz AND $3::timestamptz`,
      [portfolioId, from, to],
    );
    return row!.first === null ? undefined : { first: row!.first, last: row!.last };
  }

  /** Leaves out empty buckets. */
  async series(
    portfolioId: string,
    from: string,
    to: string,
    buckets: readonly HistoryBucket[],
  ): Promise<HistoryPoint[]> {
    const points = await this.database.rows<Omit<HistoryPoint, 'day'> & { day: string | null }>(SERIES, [
      portfolioId,
      from,
      to,
      buckets.map(({ begins }) => new Date(begins).toISOString()),
      buckets.map(({ ends }) => new Date(ends).toISOString()),
      buckets.map(({ day }) => day),
    ]);
    return points.map(({ at, day, ...rest }) => ({ at, ...(day !== null && { day }), ...rest }));
  }
}
