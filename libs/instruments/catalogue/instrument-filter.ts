import { underlyingSql } from './underlying.js';

/** What a search is restricted to. */
export interface InstrumentFilter {
  query?: string;
  broker?: string;
  /** Keys of the broker. Nothing but the broker and delisted contracts filters beside them. */
  keys?: readonly string[];
  exchange?: string;
  /** An exchange that the query names: `NSE` is `NSE_EQ` of another broker. */
  venue?: string;
  segment?: string;
  type?: string;
  underlying?: string;
  /** Days, both included. */
  expiry?: string;
  expiryFrom?: string;
  expiryTo?: string;
  /** Decimal strings, both included. */
  strike?: string;
  strikeFrom?: string;
  strikeTo?: string;
  /** Includes delisted contracts. */
  includeDelisted?: boolean;
}

/** Number of contracts that have these values. */
export interface Combination {
  broker: string;
  exchange: string;
  segment: string | null;
  type: string | null;
  expiry: string | null;
  count: number;
}

/** Counts contracts `i` by their combinations, as SQL: some hundred of each broker. @param from what follows FROM */
export function combinationsSql(from: string, more = ''): string {
  return `SELECT i.broker, i.exchange, i.segment, i.instrument_type AS type, i.expiry::text AS expiry, count(*)::int AS count${more}
    FROM ${from} GROUP BY i.broker, i.exchange, i.segment, i.instrument_type, i.expiry`;
}

/** End of the previous page: rank, upper-case symbol, id. */
export type SearchKey = [rank: string, symbol: string, id: string];

/** The parameters of one statement. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** @returns the placeholder with its type */
  bind(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}

/** The upper-case symbol of a contract, as the index has it. */
export const symbolOf = (row: string) => `upper(${row}.tradingsymbol COLLATE "C")`;

/** Conditions on a contract `i`, as SQL. */
export function contractConditions(filter: InstrumentFilter, parameters: SqlParameters): string[] {
  const conditions = [...keptBySeries('i', filter, parameters), ...ownConditions(filter, parameters)];
  if (filter.underlying !== undefined)
    conditions.push(
      `i.expiry IS NOT NULL AND ${underlyingSql('i')} = ANY(${parameters.bind(spellings(filter.underlying), 'text[]')})`,
    );
  return conditions;
}

/** Conditions on a contract `i` of a series that meets `seriesConditions`, as SQL. */
export function ownConditions(filter: InstrumentFilter, parameters: SqlParameters): string[] {
  const conditions: string[] = [];
  const add = (column: string, value: string | undefined, type: string, compared = '=') => {
    if (value !== undefined) conditions.push(`i.${column} ${compared} ${parameters.bind(value, type)}`);
  };
  add('segment', filter.segment, 'text');
  add('instrument_type', filter.type, 'text');
  add('strike', filter.strike, 'numeric');
  add('strike', filter.strikeFrom, 'numeric', '>=');
  add('strike', filter.strikeTo, 'numeric', '<=');
  // Masters give contracts without a strike 0 or none.
  if ([filter.strike, filter.strikeFrom, filter.strikeTo].some((strike) => strike !== undefined))
    conditions.push('i.strike <> 0');
  // Not IS NULL: without statistics the planner also scans the partial index of all listed contracts, once for each series.
  if (!filter.includeDelisted) conditions.push(`coalesce(i.delisted_at, '-infinity') = '-infinity'`);
  return conditions;
}

/** Conditions on a row `n` of `instrument_series`, as SQL. */
export function seriesConditions(filter: InstrumentFilter, parameters: SqlParameters): string[] {
  const conditions = [...keptBySeries('n', filter, parameters)];
  const bind = (value: string) => parameters.bind(value, 'numeric');
  const { strike, strikeFrom = strike, strikeTo = strike, underlying } = filter;
  if (underlying !== undefined)
    conditions.push(`n.underlying = ANY(${parameters.bind(spellings(underlying), 'text[]')})`);
  if (strikeFrom !== undefined) conditions.push(`n.highest_strike >= ${bind(strikeFrom)}`);
  if (strikeTo !== undefined) conditions.push(`n.lowest_strike <= ${bind(strikeTo)}`);
  return conditions;
}

/** An underlying as masters write it: `BANK NIFTY` is `BANKNIFTY`. */
export function spellings(underlying: string): string[] {
  const words = asciiUpper(underlying).trim().split(/\s+/);
  return [...new Set([words.join(' '), words.join('')])];
}

/** Upper case as upper() in the "C" collation. */
export function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

export function likeSafe(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** Conditions on columns that contracts and series have. */
function keptBySeries(row: string, filter: InstrumentFilter, parameters: SqlParameters): string[] {
  const { broker, exchange, venue } = filter;
  const conditions: string[] = [];
  if (broker !== undefined) conditions.push(`${row}.broker = ${parameters.bind(broker, 'text')}`);
  if (exchange !== undefined) conditions.push(`${row}.exchange = ${parameters.bind(exchange, 'text')}`);
  if (venue !== undefined) {
    const name = parameters.bind(venue, 'text');
    conditions.push(`(upper(${row}.exchange) = ${name} OR starts_with(upper(${row}.exchange), ${name} || '_'))`);
  }
  for (const [compared, day] of [
    ['=', filter.expiry],
    ['>=', filter.expiryFrom],
    ['<=', filter.expiryTo],
  ] as const)
    if (day !== undefined) conditions.push(`${row}.expiry ${compared} ${parameters.bind(day, 'date')}`);
  return conditions;
}

/**
 * The ranges of symbols of names or series, those that overlap as one. Brokers write most contracts alike, so a range is read once for all
 * of them, and once for all expiries where a symbol begins with the strike.
 */
export function rangesSql(from: string): string {
  const before = `max(last_symbol) OVER (ORDER BY first_symbol, last_symbol ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  return `SELECT min(first_symbol) AS first_symbol, max(last_symbol) AS last_symbol FROM (
      SELECT first_symbol, last_symbol, count(*) FILTER (WHERE begins) OVER (ORDER BY first_symbol, last_symbol ROWS UNBOUNDED PRECEDING) AS number
      FROM (SELECT first_symbol, last_symbol, coalesce(first_symbol > ${before}, true) AS begins FROM ${from}) s
    ) s GROUP BY number`;
}

/**
 * Whether the contract `i` is of the row `n` of `instrument_series`. IS NOT DISTINCT FROM uses no index: right after an import, before
 * the table has statistics, the planner prefers the one of brokers to the range of symbols, and reads a whole broker for each series (4 s).
 */
export const CONTRACT_OF_SERIES = `${symbolOf('i')} BETWEEN n.first_symbol AND n.last_symbol
  AND (i.broker, i.exchange, i.expiry) IS NOT DISTINCT FROM (n.broker, n.exchange, n.expiry) AND ${underlyingSql('i')} = n.underlying`;
