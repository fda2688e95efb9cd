import { Injectable } from '@nestjs/common';
import { appendTogetherSql } from '#changes';
import { Database } from '#database';
import { utcTimeSql } from '#time';
import type { MergedQuotes, QuoteRow } from './merged-quotes.js';
import type { Quote, QuoteView } from './quote.dto.js';

/** Start of the half hour of a time. */
const halfHour = (time: string) => `date_bin('30 minutes', ${time}, timestamptz 'epoch')`;

/** A previous close has a time of its own: a later quote without one leaves it, a late quote with a newer one replaces it. */
const NEWER_CLOSE =
  'coalesce(q.previous_close_as_of < excluded.previous_close_as_of, excluded.previous_close_as_of IS NOT NULL)';

const latest = (column: string) =>
  `${column} = CASE WHEN q.as_of < excluded.as_of THEN excluded.${column} ELSE q.${column} END`;
const latestClose = (column: string) =>
  `${column} = CASE WHEN ${NEWER_CLOSE} THEN excluded.${column} ELSE q.${column} END`;

/**
 * Stores quotes, marks of half hours and the change feed's row in one statement. An older quote never replaces a newer one, and
 * any order of the same quotes leaves the same rows. PostgreSQL evaluates the conditions on the locked row; `old` (PostgreSQL
 * 18) is that row.
 *
 * `passed` are the last prices of half hours that are not the current one: of the row that a quote of a later half hour
 * replaced, of a quote that came late, and those that the caller merged. A late quote of the same half hour as the row that
 * this statement saw is left out, since that row or a newer one will be the mark. Only a transaction that holds a quote's lock
 * writes its marks, so two writers cannot deadlock.
 *
 * Updates touch no indexed column, so they are HOT.
 */
const UPSERT = `
WITH incoming AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::text[], $3::numeric[], $4::text[], $5::text[], $6::timestamptz[], $7::numeric[], $8::date[], $9::timestamptz[])
    WITH ORDINALITY AS x(broker, key, price, kind, currency, as_of, close, close_date, close_as_of, ordinal)
), written AS (
  INSERT INTO quotes AS q (broker, instrument_key, price, kind, currency, as_of, previous_close, previous_close_date, previous_close_as_of)
  SELECT broker, key, price, kind, currency, as_of, close, close_date, close_as_of FROM incoming ORDER BY ordinal
  ON CONFLICT (broker, instrument_key) DO UPDATE
     SET ${['price', 'kind', 'currency', 'as_of'].map(latest).join(', ')},
         ${['previous_close', 'previous_close_date', 'previous_close_as_of'].map(latestClose).join(', ')}, updated_at = now()
   WHERE q.as_of < excluded.as_of OR ${NEWER_CLOSE}
  RETURNING q.broker, q.instrument_key AS key, q.as_of, old.broker IS NULL AS added, old.as_of IS DISTINCT FROM q.as_of AS newer,
            old.price AS old_price, old.currency AS old_currency, old.as_of AS old_as_of
), late AS MATERIALIZED (
  SELECT i.* FROM incoming i
   WHERE NOT EXISTS (SELECT FROM written w WHERE w.broker = i.broker AND w.key = i.key AND w.newer)
), passed AS (
  SELECT broker, key, old_price AS price, old_currency AS currency, old_as_of AS as_of FROM written
   WHERE ${halfHour('old_as_of')} < ${halfHour('as_of')}
   UNION ALL
  SELECT l.broker, l.key, l.price, l.currency, l.as_of
    FROM late l LEFT JOIN quotes q ON q.broker = l.broker AND q.instrument_key = l.key
   WHERE coalesce(q.as_of < l.as_of OR ${halfHour('q.as_of')} > ${halfHour('l.as_of')}, true)
   UNION ALL
  SELECT * FROM unnest($10::text[], $11::text[], $12::numeric[], $13::text[], $14::timestamptz[])
), marked AS (
  INSERT INTO quote_marks AS m (broker, instrument_key, slot, price, currency, as_of)
  SELECT DISTINCT ON (broker, key, slot) broker, key, slot, price, currency, as_of
    FROM (SELECT *, ${halfHour('as_of')} AS slot FROM passed) AS p ORDER BY broker, key, slot, as_of DESC
  ON CONFLICT (broker, instrument_key, slot) DO UPDATE
     SET price = excluded.price, currency = excluded.currency, as_of = excluded.as_of
   WHERE m.as_of < excluded.as_of
  RETURNING m.broker, m.instrument_key AS key
), fed AS (
  ${appendTogetherSql('quotes', `broker || ' ' || key`, 'written')}
), fed_marks AS (
  ${appendTogetherSql('quote-marks', `broker || ' ' || key`, 'marked')}
)
SELECT coalesce((SELECT json_agg(ordinal - 1) FROM late), '[]') AS stale,
       (SELECT count(*) FROM written WHERE added)::integer AS added`;

const VIEW = `q.broker, q.instrument_key AS key, q.price::text AS price, q.kind, q.currency, ${utcTimeSql('q.as_of', 6)} AS "asOf",
  q.previous_close::text AS "previousClose", q.previous_close_date::text AS "previousCloseDate",
  ${utcTimeSql('q.previous_close_as_of', 6)} AS "previousCloseAsOf"`;

/** The last mark of a contract before a moment, as of the begin of a session day. */
const CLOSES = `
SELECT w.broker, w.key, ${utcTimeSql('w.before', 6)} AS before, c.price::text AS price, c.currency, ${utcTimeSql('c.as_of', 6)} AS "asOf"
  FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS w(broker, key, before)
 CROSS JOIN LATERAL (
   SELECT price, currency, as_of FROM (
     SELECT price, currency, as_of FROM quotes WHERE broker = w.broker AND instrument_key = w.key AND as_of < w.before
      UNION ALL
     (SELECT price, currency, as_of FROM quote_marks
       WHERE broker = w.broker AND instrument_key = w.key AND slot < w.before ORDER BY slot DESC LIMIT 1)) AS marks
    ORDER BY as_of DESC LIMIT 1) AS c`;

/** Asks for the last mark of a contract before a moment. */
export interface CloseAsked {
  broker: string;
  key: string;
  /** On a half hour. */
  before: string;
}

/** The answer, with `before` in UTC with microseconds. */
export interface CloseMark extends CloseAsked {
  price: string;
  currency: string | null;
  asOf: string;
}

const ESCAPED = /["\\]/g;

/** An array as PostgreSQL reads it. pg goes through each item twice by a pattern; nearly all have nothing to escape. */
function arrayText(items: readonly (string | undefined)[]): string {
  let text = '';
  for (const item of items) {
    const escaped = item?.includes('"') || item?.includes('\\') ? item.replace(ESCAPED, '\\$&') : item;
    text += escaped === undefined ? ',NULL' : `,"${escaped}"`;
  }
  return `{${text.slice(1)}}`;
}

/** Stores and reads the latest quotes. Each broker is a namespace of its own. */
@Injectable()
export class QuotesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Stores merged quotes. Call inside a transaction only.
   * @returns the indexes of those of `newest` that are not newer than the known quote, and how many keys had none
   */
  async store({ newest, marks }: MergedQuotes): Promise<{ stale: number[]; added: number }> {
    const of = (quotes: readonly QuoteRow[] | readonly Quote[], name: keyof Omit<QuoteRow, 'batch'>) =>
      arrayText(quotes.map((quote: Partial<QuoteRow>) => quote[name]));
    const [result] = await this.database.prepared<{ stale: number[]; added: number }>(UPSERT, [
      of(newest, 'broker'),
      of(newest, 'key'),
      of(newest, 'price'),
      arrayText(newest.map(({ kind }) => kind ?? 'last')),
      of(newest, 'currency'),
      of(newest, 'asOf'),
      of(newest, 'previousClose'),
      of(newest, 'previousCloseDate'),
      of(newest, 'previousCloseAsOf'),
      of(marks, 'broker'),
      of(marks, 'key'),
      of(marks, 'price'),
      of(marks, 'currency'),
      of(marks, 'asOf'),
    ]);
    return result!;
  }

  /** Returns the last marks before the moments, unordered. Leaves out contracts without one. */
  closesBefore(asked: readonly CloseAsked[]): Promise<CloseMark[]> {
    return this.database.rows<CloseMark>(CLOSES, [
      asked.map(({ broker }) => broker),
      asked.map(({ key }) => key),
      asked.map(({ before }) => before),
    ]);
  }

  /** Returns the latest quotes of the pairs, unordered. Leaves out pairs without a quote. */
  latest(pairs: readonly { broker: string; key: string }[]): Promise<QuoteView[]> {
    return this.database.rows<QuoteView>(
      `SELECT ${VIEW} FROM unnest($1::text[], $2::text[]) AS w(broker, key) JOIN quotes q ON q.broker = w.broker AND q.instrument_key = w.key`,
      [arrayText(pairs.map(({ broker }) => broker)), arrayText(pairs.map(({ key }) => key))],
    );
  }

  /** Returns a broker's quotes (of `keys`, unless null) after the key `after`, sorted by key. */
  list(broker: string, keys: readonly string[] | null, after: string | null, limit: number): Promise<QuoteView[]> {
    return this.database.rows<QuoteView>(
      `SELECT ${VIEW} FROM quotes q
        WHERE q.broker = $1 AND ($2::text[] IS NULL OR q.instrument_key = ANY($2)) AND ($3::text IS NULL OR q.instrument_key > $3)
        ORDER BY q.instrument_key LIMIT $4`,
      [broker, keys, after, limit],
    );
  }

  /** The number of all quotes: 47 ms for 500,000, so it is asked only when quotes of further contracts were stored. */
  async count(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(`SELECT count(*)::integer AS count FROM quotes`);
    return row!.count;
  }

  /** Removes a broker's quotes and marks. For `demo clear`. @returns how many quotes */
  removeBroker(broker: string): Promise<number> {
    return this.database.run(
      `WITH gone AS (DELETE FROM quotes WHERE broker = $1 RETURNING broker, instrument_key),
            past AS (DELETE FROM quote_marks WHERE broker = $1),
            fed AS (${appendTogetherSql('quotes', `broker || ' ' || instrument_key`, 'gone')})
       SELECT FROM gone`,
      [broker],
    );
  }
}
