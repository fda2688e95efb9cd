import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { FilerTicker } from './ticker-file.js';

/** Lock of loads of this lib: "tick". */
const LOCK_CLASS = 0x7469_636b;

/** A filer that has, or had, a ticker. Times are ISO texts; a `since` of null is before the first load. */
export interface TickerPeriod {
  cik: string;
  ticker: string;
  name: string;
  since: string | null;
  /** Null: it has the ticker now. */
  until: string | null;
}

export interface TickerChanges {
  added: number;
  ended: number;
  /** Tickers whose filer has another name or order of tickers. */
  changed: number;
}

/** The last load of a file. */
export interface LoadedFile extends Omit<TickerChanges, 'changed'> {
  source: string;
  loadedAt: Date;
  tickers: number;
  skipped: number;
}

const PERIOD = `cik, ticker, name, to_char(nullif(since, '-infinity') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since,
  to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS until`;
const GIVEN = `given AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::text[]) AS g (cik, ticker))`;
const IS_GIVEN = `EXISTS (SELECT FROM given g WHERE g.cik = k.cik AND g.ticker = k.ticker)`;

/** All SQL of filer_tickers and filer_ticker_sources. */
@Injectable()
export class FilerTickersRepository {
  constructor(private readonly database: Database) {}

  /** The current tickers of filers, the main one first. */
  async current(ciks: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await this.database.prepared<{ cik: string; tickers: string[] }>(
      `SELECT cik, array_agg(ticker ORDER BY place, ticker) AS tickers FROM filer_tickers
       WHERE until IS NULL AND cik = ANY ($1::text[]) GROUP BY cik`,
      [ciks],
    );
    return new Map(rows.map(({ cik, tickers }) => [cik, tickers]));
  }

  /** Who has and had tickers, or which tickers a filer has and had: the current ones first, then the latest. */
  periods(by: { tickers: readonly string[] } | { cik: string }, limit: number): Promise<TickerPeriod[]> {
    const [column, values] = 'tickers' in by ? ['ticker', by.tickers] : ['cik', [by.cik]];
    return this.database.rows<TickerPeriod>(
      `SELECT ${PERIOD} FROM filer_tickers k WHERE ${column} = ANY ($1::text[]) ORDER BY k.until DESC NULLS FIRST, place, ticker, cik LIMIT $2`,
      [values, limit],
    );
  }

  /**
   * Blocks other loads until the transaction ends. @returns the number of all rows, of current tickers, and of current ones that
   * these do not contain
   */
  async lockAndCompare(tickers: readonly FilerTicker[]): Promise<{ known: number; current: number; missing: number }> {
    await this.database.run(`SELECT pg_advisory_xact_lock($1, 0)`, [LOCK_CLASS]);
    const [row] = await this.database.rows<{ known: number; current: number; missing: number }>(
      `WITH ${GIVEN}
       SELECT count(*)::integer AS known, count(*) FILTER (WHERE until IS NULL)::integer AS current,
         count(*) FILTER (WHERE until IS NULL AND NOT ${IS_GIVEN})::integer AS missing FROM filer_tickers k`,
      keysOf(tickers),
    );
    return row!;
  }

  /**
   * Ends current tickers that these do not contain, adds new ones, and corrects names and order. Unchanged rows are not written.
   * @param first nothing was loaded before, so nobody knows since when it is so
   */
  async replace(tickers: readonly FilerTicker[], first: boolean): Promise<TickerChanges> {
    const [changes] = await this.database.rows<TickerChanges>(
      `WITH given AS MATERIALIZED (
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[]) AS g (cik, ticker, name, place)
       ), ended AS (
         UPDATE filer_tickers k SET until = now() WHERE until IS NULL AND NOT ${IS_GIVEN} RETURNING 1
       ), changed AS (
         UPDATE filer_tickers k SET name = g.name, place = g.place FROM given g
         WHERE k.until IS NULL AND k.cik = g.cik AND k.ticker = g.ticker AND (k.name, k.place) IS DISTINCT FROM (g.name, g.place) RETURNING 1
       ), added AS (
         INSERT INTO filer_tickers (cik, ticker, name, place, since)
         SELECT g.cik, g.ticker, g.name, g.place, CASE WHEN $5 THEN '-infinity' ELSE now() END FROM given g
         WHERE NOT EXISTS (SELECT FROM filer_tickers k WHERE k.until IS NULL AND k.cik = g.cik AND k.ticker = g.ticker) RETURNING 1
       )
       SELECT (SELECT count(*)::integer FROM added) AS added, (SELECT count(*)::integer FROM ended) AS ended,
         (SELECT count(*)::integer FROM changed) AS changed`,
      [...keysOf(tickers), tickers.map(({ name }) => name), tickers.map(({ place }) => place), first],
    );
    return changes!;
  }

  async noteLoad({ source, tickers, added, ended, skipped }: Omit<LoadedFile, 'loadedAt'>): Promise<void> {
    await this.database.run(
      `INSERT INTO filer_ticker_sources (source, loaded_at, tickers, added, ended, skipped) VALUES ($1, now(), $2, $3, $4, $5)
       ON CONFLICT (source) DO UPDATE SET loaded_at = now(), tickers = excluded.tickers, added = excluded.added, ended = excluded.ended,
         skipped = excluded.skipped`,
      [source, tickers, added, ended, skipped],
    );
  }

  /** The last load of each file, newest first. */
  loads(): Promise<LoadedFile[]> {
    return this.database.rows<LoadedFile>(
      `SELECT source, loaded_at AS "loadedAt", tickers, added, ended, skipped FROM filer_ticker_sources ORDER BY loaded_at DESC LIMIT 100`,
    );
  }

  async isOlder(source: string, ms: number): Promise<boolean> {
    const fresh = await this.database.rows(
      `SELECT 1 FROM filer_ticker_sources WHERE source = $1 AND loaded_at > now() - $2 * interval '1 ms'`,
      [source, ms],
    );
    return fresh.length === 0;
  }
}

function keysOf(tickers: readonly FilerTicker[]): [string[], string[]] {
  return [tickers.map(({ cik }) => cik), tickers.map(({ ticker }) => ticker)];
}
