import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable } from '@nestjs/common';
import { from as copyFrom } from 'pg-copy-streams';
import { Database } from '#database';
import { uuid7Sequence } from '#ids';
import { underlyingSql } from '../catalogue/underlying.js';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';

/** Columns that are compared, and written if they differ. */
export const MASTER_FIELDS = [
  'exchange',
  'segment',
  'tradingsymbol',
  'name',
  'expiry',
  'strike',
  'instrument_type',
  'tick_size',
  'lot_size',
  'attributes',
];
const of = (alias: string) => MASTER_FIELDS.map((field) => `${alias}.${field}`).join(', ');
const assigned = MASTER_FIELDS.map((field) => `${field} = s.${field}`).join(', ');

/** Listed contracts that a master no longer has. */
export interface Gone {
  gone: number;
  /** Those past their expiry. */
  expired: number;
  /** Unexpired contracts that the file could delist; 0 if it lacks none of them. */
  listed: number;
}

/** The letters that a symbol begins with: NIFTY of NIFTY26DEC26000CE. */
const root = (row: string) => `upper(trim(substring(${row}.tradingsymbol FROM '^[^0-9]*')))`;

/** A value that masters have in a column of their own, or not at all. */
const differ = (name: string, row = 'i') => `s.attributes ->> '${name}' <> ${row}.attributes ->> '${name}'`;

/**
 * Whether row `s` under the key of contract `i` is another contract: the key was reused after expiry, symbol and expiry both differ, the
 * type differs, or the underlying does. A share keeps its contract when its series (type) or its symbol changes, unless both or symbol
 * and ISIN change. A symbol that changes within its underlying is an adjustment of the contract (60 of HINDPETRO in a day). Few
 * masters name the underlying; else it has changed when the first letters of the symbol and the name have both changed.
 */
const IS_ANOTHER = `coalesce(
    (i.expiry < $2::date AND s.expiry IS DISTINCT FROM i.expiry)
    OR (s.tradingsymbol <> i.tradingsymbol AND s.expiry IS DISTINCT FROM i.expiry)
    OR (s.instrument_type <> i.instrument_type
        AND (i.expiry IS NOT NULL OR s.expiry IS NOT NULL OR s.tradingsymbol <> i.tradingsymbol))
    OR (s.tradingsymbol <> i.tradingsymbol AND ${differ('isin')})
    OR (i.expiry IS NOT NULL AND s.expiry IS NOT NULL AND (${differ('optionType')} OR coalesce(${differ('underlying')},
        ${root('s')} <> ${root('i')} AND (s.name = '' OR i.name = '' OR upper(s.name) <> upper(i.name))))), false)`;

/**
 * The SQL of an import: staging by COPY, comparison and merge as sets (a broker's first import: COPY into the table itself), all in
 * the caller's transaction. 35,000 rows on 2 cores: COPY 60 to 90 ms, comparison 50 ms, search for missing contracts 20 ms.
 * Without ANALYZE, which takes 170 ms and does not change the plan (hash joins).
 */
@Injectable()
export class ImportMergeRepository {
  constructor(
    private readonly database: Database,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
  ) {}

  /** Whether the broker has no contract, not even a delisted one. */
  async isFirst(broker: string): Promise<boolean> {
    const [row] = await this.rows<{ first: boolean }>(
      `SELECT NOT EXISTS (SELECT FROM instruments WHERE broker = $1 AND delisted_at IS NULL)
          AND NOT EXISTS (SELECT FROM instruments WHERE broker = $1 AND delisted_at IS NOT NULL) AS first`,
      [broker],
    );
    return row!.first;
  }

  /** Streams lines into the staging table, with backpressure. */
  async stage(copyText: AsyncIterable<string>): Promise<void> {
    await this.run(
      `CREATE TEMP TABLE import_staging (line integer, faulty boolean, instrument_key text, exchange text, segment text, tradingsymbol text,
         name text, expiry date, strike numeric, instrument_type text, tick_size numeric, lot_size numeric, attributes jsonb) ON COMMIT DROP`,
    );
    await this.copy('import_staging', copyText);
  }

  /**
   * Streams a first import straight into the table. There is nothing to compare with, and PostgreSQL writes rows and indexes while
   * the next rows are parsed.
   * @param copyText lines that each begin with a copyPrefix()
   */
  load(copyText: AsyncIterable<string>): Promise<void> {
    return this.copy(
      `instruments (id, inserted_by, broker, is_demo, master, instrument_key, ${MASTER_FIELDS.join(', ')})`,
      copyText,
    );
  }

  /** The first columns of each line, with an id of its own. @param broker and master are checked names: they need no escaping */
  copyPrefix(importId: string, broker: string, isDemo: boolean, master: string): () => string {
    const id = uuid7Sequence();
    const alike = `\t${importId}\t${broker}\t${isDemo}\t${master}\t`;
    return () => id() + alike;
  }

  /** Keeps the last of several rows with the same key. @returns the number of removed rows */
  dropRepeatedKeys(): Promise<number> {
    return this.run(
      `DELETE FROM import_staging s USING (
         SELECT instrument_key, max(line) AS last FROM import_staging WHERE NOT faulty GROUP BY 1 HAVING count(*) > 1
       ) r WHERE s.instrument_key = r.instrument_key AND s.line <> r.last AND NOT s.faulty`,
    );
  }

  /**
   * Finds the action for each row that differs: `insert`, `relist` (a delisted contract), `update`, or `adopt` (an unchanged contract of
   * another mapping). If the key belongs to another contract now, `retired` is the old one, and `early` tells that it has not
   * expired. Unchanged rows are not included.
   * @param master name of the mapping
   */
  async compare(broker: string, today: string, master: string): Promise<void> {
    await this.run(
      `CREATE TEMP TABLE import_actions ON COMMIT DROP AS
       SELECT s.line, CASE WHEN i.id IS NULL OR another THEN 'insert' WHEN differs THEN 'update' ELSE 'adopt' END AS action,
              CASE WHEN another THEN NULL ELSE i.id END AS target, CASE WHEN another THEN i.id END AS retired,
              another AND coalesce(i.expiry >= $2::date, true) AS early
       FROM import_staging s
       LEFT JOIN instruments i ON i.broker = $1 AND i.instrument_key = s.instrument_key AND i.delisted_at IS NULL
       CROSS JOIN LATERAL (SELECT (${of('s')}) IS DISTINCT FROM (${of('i')}) AS differs)
       CROSS JOIN LATERAL (SELECT i.id IS NOT NULL AND differs AND ${IS_ANOTHER} AS another)
       WHERE NOT s.faulty AND (i.id IS NULL OR differs OR i.master IS DISTINCT FROM $3)`,
      [broker, today, master],
    );
    await this.run(
      `UPDATE import_actions a SET action = 'relist', target = known.id
       FROM (SELECT DISTINCT ON (s.line) s.line, d.id
             FROM import_actions n JOIN import_staging s USING (line)
             JOIN instruments d ON d.broker = $1 AND d.instrument_key = s.instrument_key AND d.delisted_at IS NOT NULL
             WHERE n.action = 'insert' AND d.tradingsymbol = s.tradingsymbol AND d.expiry IS NOT DISTINCT FROM s.expiry
               AND d.strike IS NOT DISTINCT FROM s.strike AND d.instrument_type IS NOT DISTINCT FROM s.instrument_type
               AND NOT coalesce(${['underlying', 'optionType'].map((name) => differ(name, 'd')).join(' OR ')}, false)
             ORDER BY s.line, d.delisted_at DESC) known
       WHERE a.line = known.line`,
      [broker],
    );
  }

  /**
   * Finds the listed contracts of these exchanges that this mapping imported and that the master no longer has. Contracts of a mapping
   * without an import for 30 days belong to every mapping: an operator who changes to another one would keep them listed.
   */
  async findGone(broker: string, exchanges: readonly string[], today: string, master: string): Promise<Gone> {
    const mine = `i.broker = $1 AND i.delisted_at IS NULL AND i.exchange = ANY ($2) AND (coalesce(i.master, $4) = $4 OR i.master <> ALL (ARRAY(
      SELECT m.master FROM instrument_imports m WHERE m.broker = $1 AND m.master IS NOT NULL AND m.created_at > now() - interval '30 days')))`;
    const params = [broker, exchanges, today, master];
    await this.run(
      `CREATE TEMP TABLE import_gone ON COMMIT DROP AS
       SELECT i.id, coalesce(i.expiry < $3::date, false) AS expired FROM instruments i
       WHERE ${mine} AND NOT EXISTS (SELECT FROM import_staging s WHERE s.instrument_key = i.instrument_key)`,
      params,
    );
    const [row] = await this.rows<Gone>(
      `SELECT count(*)::int AS gone, count(*) FILTER (WHERE expired)::int AS expired,
         CASE WHEN count(*) FILTER (WHERE NOT expired) = 0 THEN 0 ELSE
           (SELECT count(*)::int FROM instruments i WHERE ${mine} AND coalesce(i.expiry >= $3::date, true)) END AS listed
       FROM import_gone`,
      params,
    );
    return row!;
  }

  async keepGone(): Promise<void> {
    await this.run('TRUNCATE import_gone');
  }

  /** Delists missing contracts, and contracts whose key was reused. */
  delist(importId: string): Promise<number> {
    return this.run(
      `WITH target AS (
         SELECT id FROM import_gone UNION SELECT retired FROM import_actions WHERE retired IS NOT NULL
       ), kept AS (
         INSERT INTO instrument_import_changes (import_id, instrument_id, action, before)
         SELECT $1, i.id, 'delist', to_jsonb(i) FROM instruments i JOIN target USING (id)
       ) UPDATE instruments i SET delisted_at = now(), updated_at = now() FROM target WHERE i.id = target.id`,
      [importId],
    );
  }

  /** Updates contracts in place (`update`) or lists them again (`relist`). Their ids and followers stay. */
  rewrite(importId: string, action: 'update' | 'relist', master: string): Promise<number> {
    return this.run(
      `WITH kept AS (
         INSERT INTO instrument_import_changes (import_id, instrument_id, action, before)
         SELECT $1, i.id, $2, to_jsonb(i) FROM import_actions a JOIN instruments i ON i.id = a.target WHERE a.action = $2
       ) UPDATE instruments i SET ${assigned}, master = $3, delisted_at = NULL, updated_at = now()
         FROM import_actions a JOIN import_staging s USING (line) WHERE a.action = $2 AND i.id = a.target`,
      [importId, action, master],
    );
  }

  /** Hands unchanged contracts of another mapping over to this one. Those of no mapping need no image: a rollback may leave them. */
  async adopt(importId: string, master: string): Promise<void> {
    await this.run(
      `WITH kept AS (
         INSERT INTO instrument_import_changes (import_id, instrument_id, action, before)
         SELECT $1, i.id, 'adopt', to_jsonb(i) FROM import_actions a JOIN instruments i ON i.id = a.target
         WHERE a.action = 'adopt' AND i.master IS NOT NULL
       ) UPDATE instruments i SET master = $2 FROM import_actions a WHERE a.action = 'adopt' AND i.id = a.target`,
      [importId, master],
    );
  }

  /** Updates rows that this import has inserted. They have no earlier values to keep. */
  async overwrite(): Promise<void> {
    await this.run(
      `UPDATE instruments i SET ${assigned} FROM import_actions a JOIN import_staging s USING (line) WHERE i.id = coalesce(a.target, a.retired)`,
    );
    await this.run(`DELETE FROM import_actions WHERE target IS NOT NULL OR retired IS NOT NULL`);
  }

  insert(importId: string, broker: string, isDemo: boolean, master: string): Promise<number> {
    return this.run(
      `INSERT INTO instruments (broker, instrument_key, ${MASTER_FIELDS.join(', ')}, is_demo, inserted_by, master)
       SELECT $2, s.instrument_key, ${of('s')}, $3, $1, $4 FROM import_actions a JOIN import_staging s USING (line) WHERE a.action = 'insert'`,
      [importId, broker, isDemo, master],
    );
  }

  /**
   * Updates names and series, each with the range of its symbols, for the search: all of a first import, or those of changed
   * contracts. A name of one derivative alone (`NIFTY 25200 CALL`) is none that people search for.
   */
  async addNames(broker: string, first: boolean): Promise<void> {
    const source = first
      ? 'instruments s WHERE s.broker = $1'
      : `import_actions a JOIN import_staging s USING (line) WHERE a.action <> 'adopt'`;
    await this.run(
      `WITH seen AS MATERIALIZED (
         SELECT s.name, s.exchange, s.expiry, CASE WHEN s.expiry IS NOT NULL THEN ${underlyingSql('s')} END AS underlying,
           min(upper(s.tradingsymbol COLLATE "C")) AS first_symbol, max(upper(s.tradingsymbol COLLATE "C")) AS last_symbol,
           min(nullif(s.strike, 0)) AS lowest_strike, max(nullif(s.strike, 0)) AS highest_strike
         FROM ${source} GROUP BY 1, 2, 3, 4
       ), named AS (
         INSERT INTO instrument_names AS n (name, broker, exchange, first_symbol, last_symbol)
         SELECT name, $1, exchange, min(first_symbol), max(last_symbol) FROM seen
         WHERE name <> '' AND (underlying IS NULL OR underlying = upper(name COLLATE "C") OR name !~ '[0-9]') GROUP BY name, exchange
         ON CONFLICT (name, broker, exchange) DO UPDATE
         SET first_symbol = least(n.first_symbol, excluded.first_symbol), last_symbol = greatest(n.last_symbol, excluded.last_symbol)
         WHERE excluded.first_symbol < n.first_symbol OR excluded.last_symbol > n.last_symbol
       )
       INSERT INTO instrument_series AS n (underlying, broker, exchange, expiry, first_symbol, last_symbol, lowest_strike, highest_strike)
       SELECT underlying, $1, exchange, expiry, min(first_symbol), max(last_symbol), min(lowest_strike), max(highest_strike)
       FROM seen WHERE expiry IS NOT NULL GROUP BY underlying, exchange, expiry
       ON CONFLICT (underlying, broker, exchange, expiry) DO UPDATE
       SET first_symbol = least(n.first_symbol, excluded.first_symbol), last_symbol = greatest(n.last_symbol, excluded.last_symbol),
         lowest_strike = least(n.lowest_strike, excluded.lowest_strike), highest_strike = greatest(n.highest_strike, excluded.highest_strike)
       WHERE excluded.first_symbol < n.first_symbol OR excluded.last_symbol > n.last_symbol
         OR excluded.lowest_strike < coalesce(n.lowest_strike, 'Infinity') OR excluded.highest_strike > coalesce(n.highest_strike, '-Infinity')`,
      [broker],
    );
  }

  private async copy(target: string, copyText: AsyncIterable<string>): Promise<void> {
    const client = await this.database.client();
    const copy = Object.assign(copyFrom(`COPY ${target} FROM STDIN`), {
      query_timeout: this.config.importTimeoutMs + 2_000,
    });
    await pipeline(Readable.from(copyText, { highWaterMark: 2 }), client.query(copy));
  }

  /** A master may be large: its statements may take as long as the transaction's own limit allows. */
  private run(sql: string, params: readonly unknown[] = []): Promise<number> {
    return this.database.run(sql, params, this.config.importTimeoutMs + 2_000);
  }

  private rows<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.database.rows<Row>(sql, params, this.config.importTimeoutMs + 2_000);
  }
}
