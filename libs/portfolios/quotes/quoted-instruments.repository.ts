import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { utcTimeSql } from '#time';

/** A contract with its latest quote. A delisted one has none: its broker may use the key for another contract. */
export interface QuotedInstrument {
  instrumentId: string;
  broker: string;
  key: string;
  exchange: string;
  tradingsymbol: string;
  name: string;
  delistedAt: string | null;
  price: string | null;
  kind: string | null;
  currency: string | null;
  previousClose: string | null;
  previousCloseDate: string | null;
  asOf: string | null;
}

/** What a listed contract is called. */
export interface ContractName {
  broker: string;
  key: string;
  instrumentId: string;
  tradingsymbol: string;
  name: string;
}

const QUOTED = `
SELECT i.id AS "instrumentId", i.broker, i.instrument_key AS key, i.exchange, i.tradingsymbol, i.name,
       ${utcTimeSql('i.delisted_at')} AS "delistedAt", q.price::text AS price, q.kind, q.currency, q.previous_close::text AS "previousClose",
       q.previous_close_date::text AS "previousCloseDate", ${utcTimeSql('q.as_of')} AS "asOf"
  FROM instruments i
  LEFT JOIN quotes q ON q.broker = i.broker AND q.instrument_key = i.instrument_key AND i.delisted_at IS NULL`;

/** Listed contracts that have a quote, and all that somebody watches. */
const ALL = `${QUOTED}
 WHERE i.id IN (SELECT l.id FROM quotes p JOIN instruments l ON l.broker = p.broker AND l.instrument_key = p.instrument_key
                  AND l.delisted_at IS NULL
                UNION SELECT instrument_id FROM instrument_registry)`;

/** Finds listed contracts by the unique index of broker and key. */
const OF_KEYS = `${QUOTED}
  JOIN unnest($1::text[], $2::text[]) AS w(broker, key) ON i.broker = w.broker AND i.instrument_key = w.key
 WHERE i.delisted_at IS NULL`;

/** Reads contracts with their quotes, for cuts. All answers are unordered. */
@Injectable()
export class QuotedInstrumentsRepository {
  constructor(private readonly database: Database) {}

  all(): Promise<QuotedInstrument[]> {
    return this.database.rows<QuotedInstrument>(ALL);
  }

  ofKeys(pairs: readonly { broker: string; key: string }[]): Promise<QuotedInstrument[]> {
    return this.database.prepared<QuotedInstrument>(OF_KEYS, [
      pairs.map(({ broker }) => broker),
      pairs.map(({ key }) => key),
    ]);
  }

  /** The names of listed contracts. */
  names(pairs: readonly { broker: string; key: string }[]): Promise<ContractName[]> {
    return this.database.rows<ContractName>(
      `SELECT i.broker, i.instrument_key AS key, i.id AS "instrumentId", i.tradingsymbol, i.name FROM instruments i
         JOIN unnest($1::text[], $2::text[]) AS w(broker, key) ON i.broker = w.broker AND i.instrument_key = w.key
        WHERE i.delisted_at IS NULL`,
      [pairs.map(({ broker }) => broker), pairs.map(({ key }) => key)],
    );
  }

  ofIds(ids: readonly string[]): Promise<QuotedInstrument[]> {
    return this.database.rows<QuotedInstrument>(`${QUOTED} WHERE i.id = ANY ($1::uuid[])`, [ids]);
  }

  /** The ids of the contracts that each user watches, in order. @param userIds default: all who watch any */
  async watchlists(userIds?: readonly string[]): Promise<Map<string, readonly string[]>> {
    const rows = await this.database.rows<{ userId: string; ids: string[] }>(
      `SELECT user_id AS "userId", array_agg(instrument_id::text ORDER BY instrument_id) AS ids FROM instrument_registry
        WHERE $1::uuid[] IS NULL OR user_id = ANY ($1) GROUP BY user_id`,
      [userIds ?? null],
    );
    return new Map(rows.map(({ userId, ids }) => [userId, ids]));
  }
}
