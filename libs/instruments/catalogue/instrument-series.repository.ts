import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { INSTRUMENT_COLUMNS, type InstrumentRow } from '../masters/instrument-row.js';
import type { ContractQuery, ContractReading, ContractSide, ExpiryParts } from './contract-query.js';
import {
  asciiUpper,
  type Combination,
  combinationsSql,
  CONTRACT_OF_SERIES,
  contractConditions,
  type InstrumentFilter,
  likeSafe,
  ownConditions,
  rangesSql,
  type SearchKey,
  seriesConditions,
  spellings,
  SqlParameters,
  symbolOf,
} from './instrument-filter.js';
import type { FoundRow } from './instrument-search.repository.js';
import { nearestSql, SIMILAR } from './typing-errors.js';
import { sideSql, underlyingSql } from './underlying.js';

/** An expiry of an underlying at one broker and exchange. */
export interface SeriesRow {
  underlying: string;
  broker: string;
  exchange: string;
  expiry: string;
}

/** An option of a chain. */
export interface OptionRow {
  exchange: string;
  strike: string;
  side: 'call' | 'put';
  instrument: InstrumentRow;
}

export interface ChainKey {
  underlying: string;
  broker: string;
  expiry: string;
  exchange?: string | undefined;
  strikeFrom?: string | undefined;
  strikeTo?: string | undefined;
}

/** Underlyings that a beginning, or typing errors, may mean. */
const MOST_BEGINNING = 50;
const MOST_SIMILAR = 5;

/** Reads contracts by underlying and expiry. A series narrows both to a range of symbols: 1 ms for a chain of 400 options. */
@Injectable()
export class InstrumentSeriesRepository {
  constructor(private readonly database: Database) {}

  /**
   * Contracts that a query describes, and those with exactly its symbol: rank 0 the symbol, then 1 for each underlying that is nearer
   * to a misspelt name, 0.1 for each further way to read the query, 0.02 for an expired contract, 0.01 for a week where only a month
   * is given, and the days to expiry / 10^6.
   * @returns undefined if the query describes no contract
   */
  async search(
    query: ContractQuery,
    filter: InstrumentFilter,
    limit: number,
    today: string,
    after?: SearchKey,
  ): Promise<FoundRow[] | undefined> {
    const parameters = new SqlParameters();
    const bind = (value: unknown, type: string) => parameters.bind(value, type);
    const ranked = rankedSql(query, filter, parameters, today);
    const last =
      after &&
      `(rank, upper, id) > (${bind(after[0], 'numeric')}, ${bind(after[1], 'text')}, ${bind(after[2], 'uuid')})`;
    const rows = await this.database.rows<FoundRow & { found: boolean; id: string | null }>(
      `WITH ${ranked}, page AS (
         SELECT * FROM ranked WHERE ${last ?? 'true'} ORDER BY rank, upper, id LIMIT ${bind(limit, 'int')}
       )
       SELECT any_hit.found, r.* FROM (SELECT EXISTS (SELECT FROM hits) AS found) any_hit
       LEFT JOIN (SELECT ${INSTRUMENT_COLUMNS}, page.rank::text AS rank, page.upper FROM page JOIN instruments i USING (id)) r ON true
       ORDER BY r.rank::numeric, r.upper, r.id`,
      parameters.values,
    );
    if (!rows[0]!.found) return undefined;
    return rows.flatMap(({ found: _found, ...row }) => (row.id === null ? [] : [row as FoundRow]));
  }

  /** Counts the `limit` best contracts that a query describes by their combinations. @returns undefined if it describes none */
  async count(
    query: ContractQuery,
    filter: InstrumentFilter,
    limit: number,
    today: string,
  ): Promise<Combination[] | undefined> {
    const parameters = new SqlParameters();
    const ranked = rankedSql(query, filter, parameters, today);
    const best = `(SELECT id FROM ranked ORDER BY rank LIMIT ${parameters.bind(limit, 'int')}) best JOIN instruments i USING (id)`;
    const rows = await this.database.rows<Combination & { found: boolean }>(
      `WITH ${ranked} ${combinationsSql(best, ', (SELECT EXISTS (SELECT FROM hits)) AS found')}`,
      parameters.values,
    );
    return rows[0]?.found ? rows.map(({ found: _found, ...combination }) => combination) : undefined;
  }

  /** Expiries of listed contracts, sorted by expiry, broker and exchange. */
  expiries(
    underlying: string,
    filter: InstrumentFilter,
    limit: number,
    after?: readonly [string, string, string],
  ): Promise<SeriesRow[]> {
    const parameters = new SqlParameters();
    const conditions = seriesConditions({ ...filter, underlying }, parameters);
    if (after) {
      const [expiry, broker, exchange] = after;
      conditions.push(
        `(n.expiry, n.broker, n.exchange) > (${parameters.bind(expiry, 'date')}, ${parameters.bind(broker, 'text')}, ${parameters.bind(exchange, 'text')})`,
      );
    }
    return this.database.rows<SeriesRow>(
      `SELECT n.underlying, n.broker, n.exchange, n.expiry::text AS expiry FROM instrument_series n
       WHERE ${conditions.join(' AND ')} AND EXISTS (SELECT FROM instruments i WHERE ${CONTRACT_OF_SERIES} AND coalesce(i.delisted_at, '-infinity') = '-infinity' OFFSET 0)
       ORDER BY n.expiry, n.broker, n.exchange LIMIT ${parameters.bind(limit, 'int')}`,
      parameters.values,
    );
  }

  /** Listed options of one underlying, broker and expiry: those of `limit` strikes, sorted by exchange and strike. */
  async chain(
    { underlying, broker, expiry, exchange, strikeFrom, strikeTo }: ChainKey,
    limit: number,
    after?: readonly [string, string],
  ): Promise<OptionRow[]> {
    const parameters = new SqlParameters();
    const filter = {
      ...{ underlying, broker, expiry },
      ...(exchange === undefined ? {} : { exchange }),
      ...(strikeFrom === undefined ? {} : { strikeFrom }),
      ...(strikeTo === undefined ? {} : { strikeTo }),
    };
    const series = seriesConditions(filter, parameters);
    const wanted = ownConditions(filter, parameters);
    const last =
      after && `(exchange, strike) > (${parameters.bind(after[0], 'text')}, ${parameters.bind(after[1], 'numeric')})`;
    const rows = await this.database.rows<InstrumentRow & { side: 'call' | 'put' }>(
      `WITH options AS MATERIALIZED (
         SELECT i.id, i.exchange, i.strike, i.listed_at, i.side FROM instrument_series n CROSS JOIN LATERAL (
           SELECT i.*, ${sideSql('i')} AS side FROM instruments i WHERE ${[CONTRACT_OF_SERIES, ...wanted].join(' AND ')} OFFSET 0) i
         WHERE ${series.join(' AND ')} AND i.side IN ('call', 'put')
       ), strikes AS (
         SELECT DISTINCT exchange, strike FROM options WHERE ${last ?? 'true'} ORDER BY exchange, strike LIMIT ${parameters.bind(limit, 'int')}
       ), shown AS (
         SELECT DISTINCT ON (o.exchange, o.strike, o.side) o.id, o.side FROM options o JOIN strikes s USING (exchange, strike)
         ORDER BY o.exchange, o.strike, o.side, o.listed_at DESC, o.id DESC
       )
       SELECT ${INSTRUMENT_COLUMNS}, shown.side FROM shown JOIN instruments i USING (id) ORDER BY i.exchange, i.strike, shown.side`,
      parameters.values,
    );
    return rows.map(({ side, ...instrument }) => ({
      exchange: instrument.exchange,
      strike: instrument.strike!,
      side,
      instrument,
    }));
  }
}

type Bind = (value: unknown, type: string) => string;

/** The contracts that a query describes, and those with exactly its symbol, with their ranks. */
function rankedSql(query: ContractQuery, filter: InstrumentFilter, parameters: SqlParameters, today: string): string {
  const bind: Bind = (value, type) => parameters.bind(value, type);
  const branches = [...knownSql(query, bind), ...hitsSql(query, filter, parameters, bind(today, 'date'))];
  const ascii = bind(asciiUpper(filter.query ?? '').trim(), 'text');
  const exact = [`${symbolOf('i')} = ${ascii}`, ...contractConditions(filter, parameters)].join(' AND ');
  return `${branches.join(',\n')}, ranked AS (
    SELECT id, rank, upper FROM hits WHERE upper <> ${ascii}
    UNION ALL SELECT i.id, 0, ${symbolOf('i')} FROM instruments i WHERE ${exact})`;
}

/** The underlyings that the words mean: this name, else those that begin so, else similar ones. */
function knownSql({ underlying }: ContractQuery, bind: Bind): string[] {
  if (underlying.length === 0) return [];
  const names = spellings(underlying.join(' '));
  const [exact, begin] = [
    bind(names, 'text[]'),
    bind(
      names.map((name) => `${likeSafe(name)}%`),
      'text[]',
    ),
  ];
  const joined = names.at(-1)!;
  const all = `SELECT DISTINCT underlying FROM instrument_series`;
  const unknown = `SELECT underlying AS text FROM (${all} WHERE NOT EXISTS (SELECT FROM named) AND NOT EXISTS (SELECT FROM begun)) every
    WHERE word_similarity(${bind(joined, 'text')}, underlying) >= ${SIMILAR}`;
  return [
    `named AS MATERIALIZED (${all} WHERE underlying = ANY(${exact}))`,
    `begun AS MATERIALIZED (${all} WHERE NOT EXISTS (SELECT FROM named) AND underlying LIKE ANY(${begin}) ORDER BY underlying LIMIT ${MOST_BEGINNING})`,
    `resembling AS MATERIALIZED (${nearestSql(joined, unknown, MOST_SIMILAR, bind)})`,
    `known AS MATERIALIZED (SELECT underlying, 0 AS place FROM named UNION ALL SELECT underlying, 0 FROM begun
       UNION ALL SELECT text, row_number() OVER (ORDER BY likeness DESC, text) - 1 FROM resembling)`,
  ];
}

/** The contracts that fit a reading, with their rank. */
function hitsSql(
  { underlying, side, readings }: ContractQuery,
  filter: InstrumentFilter,
  parameters: SqlParameters,
  today: string,
): string[] {
  const bind: Bind = (value, type) => parameters.bind(value, type);
  const fits = readings.map(({ expiry }) => fitsExpiry('n.expiry', expiry, bind));
  const strikes = readings.map(({ strike }) => (strike === undefined ? undefined : bind(strike, 'numeric')));
  const inSeries = readings.map((_, at) =>
    strikes[at] === undefined
      ? `n.fits${at}`
      : `(n.fits${at} AND ${strikes[at]} BETWEEN n.lowest_strike AND n.highest_strike)`,
  );
  const cases = readings.map((reading, at) => {
    const strike = strikes[at] === undefined ? 'true' : `i.strike = ${strikes[at]}`;
    return `WHEN n.fits${at} AND ${strike} THEN ${at * 0.1} + ${isMonth(reading) ? 'CASE WHEN n.monthly THEN 0 ELSE 0.01 END' : '0'}`;
  });
  const series = seriesConditions(filter, parameters);
  const wanted = ownConditions(filter, parameters);
  // Cheaper than side and underlying, so it comes first: a strike is one contract in a hundred.
  const given = strikes.filter((strike) => strike !== undefined);
  if (given.length === strikes.length) wanted.unshift(`i.strike IN (${given.join(', ')})`);
  return [
    `series AS MATERIALIZED (
       SELECT * FROM (
         SELECT n.*, ${underlying.length === 0 ? '0' : 'known.place'} AS place, n.expiry = max(n.expiry) OVER (PARTITION BY n.underlying, n.broker, n.exchange, date_trunc('month', n.expiry)) AS monthly,
           ${fits.map((fit, at) => `${fit} AS fits${at}`).join(', ')}
         FROM instrument_series n ${underlying.length === 0 ? '' : 'JOIN known USING (underlying)'} WHERE ${[...series, 'true'].join(' AND ')}
       ) n WHERE ${inSeries.join(' OR ')})`,
    `ranges AS MATERIALIZED (${rangesSql('series')})`,
    `hits AS MATERIALIZED (
       SELECT i.id, i.upper, round(n.place + 0.1 + read.reading + CASE WHEN i.expiry < ${today} THEN 0.02 ELSE 0 END + least(abs(i.expiry - ${today}), 9999) / 1000000.0, 6) AS rank
       FROM ranges r CROSS JOIN LATERAL (
         SELECT i.id, i.broker, i.exchange, i.expiry, i.strike, ${symbolOf('i')} AS upper, ${underlyingSql('i')} AS underlying FROM instruments i
         WHERE ${[`${symbolOf('i')} BETWEEN r.first_symbol AND r.last_symbol AND i.expiry IS NOT NULL`, ...wanted, ...sideIs(side)].join(' AND ')} OFFSET 0
       ) i JOIN series n USING (underlying, broker, exchange, expiry)
       CROSS JOIN LATERAL (SELECT CASE ${cases.join(' ')} END AS reading) read
       WHERE read.reading IS NOT NULL)`,
  ];
}

function sideIs(side: ContractSide | undefined): string[] {
  return side === undefined ? [] : [`${sideSql('i')} = '${side}'`];
}

function isMonth({ expiry }: ContractReading): boolean {
  return expiry.month !== undefined && expiry.day === undefined;
}

function fitsExpiry(column: string, expiry: ExpiryParts, bind: Bind): string {
  const parts = (['year', 'month', 'day'] as const).flatMap((part) =>
    expiry[part] === undefined ? [] : [`extract(${part} FROM ${column}) = ${bind(expiry[part], 'int')}`],
  );
  return parts.length === 0 ? 'true' : `(${parts.join(' AND ')})`;
}
