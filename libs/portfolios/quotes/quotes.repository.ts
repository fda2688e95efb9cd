import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import { utcTimeSql } from '#time';
import type { Quote, QuoteView } from './quote.dto.js';

/** The keys of one broker whose quote was stored. */
export interface NewQuotes {
  broker: string;
  keys: string[];
  /** How many of them had no quote before. */
  added: number;
}

/** An older quote never replaces a newer one. A previous close stays until another is sent. 5,000 quotes take 55 ms. */
const UPSERT = `
WITH stored AS (
  INSERT INTO quotes AS q (broker, instrument_key, price, previous_close, as_of)
  SELECT broker, key, price, "previousClose", "asOf"
    FROM jsonb_to_recordset($1::jsonb) AS x(broker text, key text, price numeric, "previousClose" numeric, "asOf" timestamptz)
   ORDER BY broker COLLATE "C", key COLLATE "C"
  ON CONFLICT (broker, instrument_key) DO UPDATE
     SET price = excluded.price, previous_close = coalesce(excluded.previous_close, q.previous_close),
         as_of = excluded.as_of, updated_at = now()
   WHERE q.as_of < excluded.as_of
  RETURNING q.broker, q.instrument_key, old.broker IS NULL AS added
), fed AS (
  ${appendSql('quotes', 'broker', { distinct: true })} FROM stored
)
SELECT broker, array_agg(instrument_key) AS keys, count(*) FILTER (WHERE added)::integer AS added FROM stored GROUP BY broker ORDER BY broker COLLATE "C"`;

const VIEW = `q.broker, q.instrument_key AS key, q.price::text AS price, q.previous_close::text AS "previousClose", ${utcTimeSql('q.as_of', 6)} AS "asOf"`;

/** Stores and reads the latest quotes. Each broker is a namespace of its own. */
@Injectable()
export class QuotesRepository {
  constructor(private readonly database: Database) {}

  /** Stores quotes, each (broker, key) at most once. Call inside a transaction only, after `PricingLocksRepository.take`. */
  store(quotes: readonly Quote[]): Promise<NewQuotes[]> {
    return this.database.rows<NewQuotes>(UPSERT, [JSON.stringify(quotes)]);
  }

  /** Returns the latest quotes of the pairs, unordered. Leaves out pairs without a quote. */
  latest(pairs: readonly { broker: string; key: string }[]): Promise<QuoteView[]> {
    return this.database.rows<QuoteView>(
      `SELECT ${VIEW} FROM unnest($1::text[], $2::text[]) AS w(broker, key) JOIN quotes q ON q.broker = w.broker AND q.instrument_key = w.key`,
      [pairs.map(({ broker }) => broker), pairs.map(({ key }) => key)],
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

  /** Removes a broker's quotes. For `demo clear`. @returns how many */
  removeBroker(broker: string): Promise<number> {
    return this.database.run(
      `WITH gone AS (DELETE FROM quotes WHERE broker = $1 RETURNING broker),
            fed AS (${appendSql('quotes', 'broker', { distinct: true })} FROM gone)
       SELECT FROM gone`,
      [broker],
    );
  }
}
