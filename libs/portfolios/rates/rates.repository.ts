import { Injectable } from '@nestjs/common';
import { appendTogetherSql } from '#changes';
import { Database } from '#database';
import { utcTimeSql } from '#time';
import type { Rate, RatesPosted, RateView } from './rate.dto.js';

const NEWER_CLOSE =
  'coalesce(r.previous_close_as_of < excluded.previous_close_as_of, excluded.previous_close_as_of IS NOT NULL)';
const latest = (column: string) =>
  `${column} = CASE WHEN r.as_of < excluded.as_of THEN excluded.${column} ELSE r.${column} END`;
const latestClose = (column: string) =>
  `${column} = CASE WHEN ${NEWER_CLOSE} THEN excluded.${column} ELSE r.${column} END`;

/**
 * Stores the newest rate of each pair, and the newest previous close of each pair with the time of its message. An older
 * one never replaces a newer one. Locks rows in the order of the pairs, so two calls cannot deadlock.
 */
const UPSERT = `
WITH incoming AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::text[], $3::numeric[], $4::timestamptz[], $5::numeric[], $6::text[])
    WITH ORDINALITY AS x(base, quote, price, as_of, close, source, ordinal)
), newest AS (
  SELECT DISTINCT ON (base, quote) * FROM incoming ORDER BY base, quote, as_of DESC, ordinal DESC
), closed AS (
  SELECT DISTINCT ON (base, quote) * FROM incoming WHERE close IS NOT NULL ORDER BY base, quote, as_of DESC, ordinal DESC
), written AS (
  INSERT INTO rates AS r (base, quote, price, source, as_of, previous_close, previous_close_as_of)
  SELECT n.base, n.quote, n.price, n.source, n.as_of, c.close, c.as_of
    FROM newest n LEFT JOIN closed c USING (base, quote) ORDER BY n.base COLLATE "C", n.quote COLLATE "C"
  ON CONFLICT (base, quote) DO UPDATE
     SET ${['price', 'source', 'as_of'].map(latest).join(', ')},
         ${['previous_close', 'previous_close_as_of'].map(latestClose).join(', ')}, updated_at = now()
   WHERE r.as_of < excluded.as_of OR ${NEWER_CLOSE}
  RETURNING r.base, r.quote, old.base IS NULL AS added, old.as_of IS DISTINCT FROM r.as_of AS newer
), fed AS (
  ${appendTogetherSql('rates', `base || ' ' || quote`, 'written')}
)
SELECT count(*) FILTER (WHERE newer)::integer AS stored, count(*) FILTER (WHERE added)::integer AS added FROM written`;

const VIEW = `base, quote, price::text AS price, ${utcTimeSql('as_of', 6)} AS "asOf", previous_close::text AS "previousClose",
  ${utcTimeSql('previous_close_as_of', 6)} AS "previousCloseAsOf", source`;

/** Stores and reads the latest rates. */
@Injectable()
export class RatesRepository {
  constructor(private readonly database: Database) {}

  /** @param rates `asOf` in UTC. @returns how many pairs have a newer rate, and how many had none */
  async store(rates: readonly Rate[]): Promise<Pick<RatesPosted, 'stored'> & { added: number }> {
    const of = <K extends keyof Rate>(name: K) => rates.map((rate) => rate[name] ?? null);
    const [result] = await this.database.rows<{ stored: number; added: number }>(UPSERT, [
      of('base'),
      of('quote'),
      of('price'),
      of('asOf'),
      of('previousClose'),
      of('source'),
    ]);
    return result!;
  }

  /** Returns every rate, by base and quote. */
  all(): Promise<RateView[]> {
    return this.database.rows<RateView>(`SELECT ${VIEW} FROM rates ORDER BY base COLLATE "C", quote COLLATE "C"`);
  }

  /** Returns the rates after the pair `after`, by base and quote. */
  list(after: readonly [string, string] | null, limit: number): Promise<RateView[]> {
    return this.database.rows<RateView>(
      `SELECT ${VIEW} FROM rates
        WHERE $1::text IS NULL OR (base COLLATE "C", quote COLLATE "C") > ($1, $2)
        ORDER BY base COLLATE "C", quote COLLATE "C" LIMIT $3`,
      [after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async count(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(`SELECT count(*)::integer AS count FROM rates`);
    return row!.count;
  }
}
