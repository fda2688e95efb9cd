import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { INSTRUMENT_COLUMNS, type InstrumentRow } from '../masters/instrument-row.js';
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
  SqlParameters,
  symbolOf,
} from './instrument-filter.js';
import { nearestSql, SIMILAR } from './typing-errors.js';
import { codesSql } from './underlying.js';

export interface FoundRow extends InstrumentRow {
  rank: string;
  upper: string;
}

/** Maximum number of similar names, and of similar symbols, that are searched. */
const MOST_ALIKE = 100;

/** An expiry with more series than this has so many contracts that a page is full soon in the order of symbols. */
const FEW_SERIES = 60;

/** A code is one word without quotes and backslashes. */
const CODE = /^[A-Z0-9][A-Z0-9:|._-]{2,40}$/;
/** How brokers begin a key that has the code of an exchange after it. */
const KEY_PREFIXES = [
  'NSE',
  'BSE',
  'NFO',
  'BFO',
  'CDS',
  'BCD',
  'MCX',
  'NSE_EQ',
  'BSE_EQ',
  'NSE_FO',
  'BSE_FO',
  'MCX_FO',
];

/**
 * Search by rank: 0 the exact symbol, 0.9 a code (ISIN, exchange token) or key, 1 a symbol's start, 2 a name's start, 3 all words of
 * the query in symbol and name, 4 anywhere in a symbol without expiry or in an underlying, 5 to 6.2 similar names and symbols
 * (trigrams), the most similar first. Within a rank by symbol, then id.
 * Each branch reads at most a page. The costly ones run only if the earlier ones did not fill the page.
 */
@Injectable()
export class InstrumentSearchRepository {
  constructor(private readonly database: Database) {}

  /** Call it inside a transaction, for which the similarity threshold is set. */
  async search(filter: InstrumentFilter, limit: number, after: SearchKey | undefined): Promise<FoundRow[]> {
    const { found, page, values } = await this.matches(filter, limit, after);
    return this.database.rows<FoundRow>(
      `WITH ${found}
       SELECT ${INSTRUMENT_COLUMNS}, found.rank::text AS rank, ${symbolOf('i')} AS upper
       FROM found JOIN instruments i USING (id)
       ORDER BY found.rank, ${symbolOf('i')}, i.id LIMIT ${page}`,
      values,
    );
  }

  /** Counts the `limit` best matches by their combinations. Call it inside a transaction, as `search`. */
  async count(filter: InstrumentFilter, limit: number): Promise<Combination[]> {
    const { found, page, values } = await this.matches(filter, limit, undefined);
    const best = `(SELECT id FROM found ORDER BY rank LIMIT ${page}) best JOIN instruments i USING (id)`;
    return this.database.rows<Combination>(`WITH ${found} ${combinationsSql(best)}`, values);
  }

  private async matches(filter: InstrumentFilter, limit: number, after: SearchKey | undefined) {
    const query = filter.query?.trim();
    if (query)
      await this.database.rows(`SELECT set_config('pg_trgm.word_similarity_threshold', $1, true)`, [String(SIMILAR)]);
    const statement = new SearchStatement(filter, limit, after);
    const names = query ? statement.addQuery(query) : statement.addAll(await this.hasFewSeries(filter));
    const { branches, page, values } = statement;
    const all = names.map((name) => `SELECT id, rank FROM ${name}`).join(' UNION ALL ');
    return { found: `${branches.join(',\n')}, found AS (${all})`, page, values };
  }

  /** Whether the filter is about so few series that their contracts are read instead of all contracts by symbol. */
  private async hasFewSeries(filter: InstrumentFilter): Promise<boolean> {
    const { underlying, strike, strikeFrom, strikeTo, expiry, expiryFrom, expiryTo } = filter;
    const given = [underlying, strike, strikeFrom, strikeTo, expiry, expiryFrom, expiryTo];
    if (given.every((value) => value === undefined)) return false;
    if (underlying !== undefined || strike !== undefined) return true;
    const parameters = new SqlParameters();
    const conditions = seriesConditions(filter, parameters);
    const [row] = await this.database.rows<{ count: number }>(
      `SELECT count(*)::int AS count FROM (SELECT FROM instrument_series n WHERE ${conditions.join(' AND ')} LIMIT ${FEW_SERIES + 1}) few`,
      parameters.values,
    );
    return row!.count <= FEW_SERIES;
  }
}

/** One statement of the search: a branch for each rank. */
class SearchStatement {
  readonly branches: string[] = [];
  readonly page: string;
  private readonly parameters = new SqlParameters();
  private contract: string[] | undefined;
  private readonly last: { rank: string; symbol: string; id: string } | undefined;

  constructor(
    private readonly filter: InstrumentFilter,
    limit: number,
    after: SearchKey | undefined,
  ) {
    this.last = after && {
      rank: this.bind(after[0], 'numeric'),
      symbol: this.bind(after[1], 'text'),
      id: this.bind(after[2], 'uuid'),
    };
    this.page = this.bind(limit, 'int');
  }

  get values(): unknown[] {
    return this.parameters.values;
  }

  addAll(fewSeries: boolean): string[] {
    if (fewSeries) this.addOfSeries('all_of_them', 0, seriesConditions(this.filter, this.parameters), []);
    else this.add('all_of_them', 0, []);
    return ['all_of_them'];
  }

  addQuery(query: string): string[] {
    const text = this.bind(query, 'text');
    const start = this.bind(`${likeSafe(query)}%`, 'text');
    const [first = '', ...others] = query.split(/\s+/);
    const ascii = this.bind(asciiUpper(query), 'text');
    const symbol = symbolOf('i');
    const exact = `${symbol} = ${ascii}`;
    const symbolStarts = `${symbol} LIKE ${this.bind(`${likeSafe(asciiUpper(query))}%`, 'text')}`;
    const nameStarts = `i.name ILIKE ${start}`;
    const hasWithin = `i.tradingsymbol ILIKE ${this.bind(`%${likeSafe(query)}%`, 'text')}`;
    const earlier = `NOT (${symbolStarts}) AND NOT (${nameStarts})`;
    const words = others.map(
      (word) => `strpos(upper(i.tradingsymbol || ' ' || i.name), upper(${this.bind(word, 'text')})) > 0`,
    );
    const wordsMatch =
      words.length > 0
        ? `(${[`${symbol} LIKE ${this.bind(`${likeSafe(asciiUpper(first))}%`, 'text')}`, ...words].join(' AND ')})`
        : 'false';
    this.add('exact', 0, [exact]);
    const coded = this.addCodes(asciiUpper(query), exact);
    const noCode = coded.length > 0 ? `i.id <> ALL (ARRAY(SELECT c.id FROM coded c))` : 'true';
    this.add('symbols', 1, [symbolStarts, `NOT (${exact})`, noCode]);
    this.addNamed(
      'names',
      2,
      `SELECT n.* FROM instrument_names n WHERE n.name ILIKE ${start} AND ${this.unfilled(['exact', 'symbols'])}`,
      [nameStarts, `NOT (${symbolStarts})`, noCode],
    );
    this.add('words', 3, [wordsMatch, earlier, noCode, this.unfilled(['exact', 'symbols', 'names'])]);
    const within = this.unfilled(['exact', 'symbols', 'names', 'words']);
    const notBefore = [earlier, noCode, `NOT (${wordsMatch})`];
    // Only symbols without expiry have trigrams. Those of derivatives consist of their underlying, expiry and strike.
    this.add('within', 4, [within, 'i.expiry IS NULL', hasWithin, ...notBefore]);
    this.addOfSeries(
      'within_series',
      4,
      [within, `strpos(n.underlying, ${ascii}) > 0`, ...seriesConditions(this.filter, this.parameters)],
      [hasWithin, ...notBefore],
    );
    this.addAlike(text, query, [...notBefore, `NOT (${hasWithin})`]);
    return ['exact', ...coded, 'symbols', 'names', 'words', 'within', 'within_series', 'alike'];
  }

  /** ISIN, token of an exchange, or the broker's key, with or without the exchange in front. @returns the names of the branches */
  private addCodes(query: string, exact: string): string[] {
    if (!CODE.test(query)) return [];
    const code = this.bind([query], 'text[]');
    const key = this.bind(
      [query, ...KEY_PREFIXES.flatMap((prefix) => [`${prefix}|${query}`, `${prefix}:${query}`])],
      'text[]',
    );
    const keyed = (listed: string) =>
      `SELECT i.* FROM (SELECT DISTINCT broker FROM instrument_imports) b JOIN instruments i ON i.broker = b.broker AND i.instrument_key = ANY(${key}) WHERE i.delisted_at IS ${listed}`;
    const holders = [
      `SELECT i.* FROM instruments i WHERE i.expiry IS NULL AND ${codesSql('i')} @> ${code}`,
      keyed('NULL'),
      ...(this.filter.includeDelisted ? [keyed('NOT NULL')] : []),
    ];
    this.branches.push(`coded AS MATERIALIZED (${holders.join(' UNION ')})`);
    this.add('codes', 0.9, [`NOT (${exact})`], 'coded i');
    return ['codes'];
  }

  private addAlike(text: string, query: string, conditions: readonly string[]): void {
    const unfilled = this.unfilled(['exact', 'symbols', 'names', 'words', 'within', 'within_series']);
    const nearest = (column: string, from: string) =>
      nearestSql(
        query,
        `SELECT DISTINCT ${column} AS text FROM ${from} AND ${text} <% ${column} AND ${unfilled}`,
        MOST_ALIKE,
        (value, type) => this.bind(value, type),
      );
    const { last } = this;
    const symbol = symbolOf('i');
    const rankOf = (likeness: string) => `round((6.2 - ${likeness})::numeric, 4)`;
    const beyond = (...key: string[]) =>
      last ? [`(${key.join(', ')}) > (${last.rank}, ${last.symbol}, ${last.id})`] : [];
    const wanted = [...conditions, this.where([])];
    // Of the names a page, and those that rank better by their symbols.
    this.branches.push(
      `alike_names AS MATERIALIZED (SELECT n.*, t.likeness FROM (${nearest('name', 'instrument_names WHERE true')}) t JOIN instrument_names n ON n.name = t.text
         ORDER BY t.likeness DESC, n.name, n.broker, n.exchange LIMIT ${MOST_ALIKE})`,
      `alike_symbols AS MATERIALIZED (SELECT i.id, t.likeness FROM (${nearest('tradingsymbol', 'instruments WHERE expiry IS NULL')}) t
         JOIN instruments i ON ${symbol} = upper(t.text COLLATE "C") AND i.tradingsymbol = t.text AND i.expiry IS NULL
         ORDER BY t.likeness DESC, i.id LIMIT ${MOST_ALIKE})`,
      `alike AS MATERIALIZED (
         SELECT id, rank FROM (
           SELECT hit.id, hit.symbol, ${rankOf('max(hit.likeness)')} AS rank FROM (
             (SELECT i.id, i.symbol, n.likeness FROM (${rangesSql('alike_names')}) r CROSS JOIN LATERAL (
                 SELECT i.id, i.name, i.broker, i.exchange, ${symbol} AS symbol FROM instruments i
                 WHERE ${[`${symbol} BETWEEN r.first_symbol AND r.last_symbol`, ...wanted].join(' AND ')} OFFSET 0
               ) i JOIN alike_names n USING (name, broker, exchange)
              WHERE ${['true', ...beyond(rankOf('n.likeness'), 'i.symbol', 'i.id')].join(' AND ')}
              ORDER BY ${rankOf('n.likeness')}, i.symbol, i.id LIMIT ${this.page} + ${MOST_ALIKE})
             UNION ALL SELECT i.id, ${symbol}, s.likeness FROM alike_symbols s JOIN instruments i USING (id) WHERE ${wanted.join(' AND ')}
           ) hit GROUP BY hit.id, hit.symbol
         ) found WHERE ${['true', ...beyond('rank', 'symbol', 'id')].join(' AND ')} ORDER BY rank, symbol, id LIMIT ${this.page})`,
    );
  }

  /** A branch of a fixed rank. The index returns symbols in order, so a page starts right after the last one. */
  private add(name: string, rank: number, conditions: readonly string[], from = 'instruments i'): void {
    this.branches.push(
      `${name} AS MATERIALIZED (SELECT i.id, ${rank}::numeric AS rank FROM ${from} WHERE ${this.where([...conditions, ...this.afterLast(rank)])}
         ORDER BY ${symbolOf('i')}, i.id LIMIT ${this.page})`,
    );
  }

  /** The contracts of these names. OFFSET fences them; otherwise the planner reads all symbols in order (300 ms). */
  private addNamed(name: string, rank: number, names: string, conditions: readonly string[]): void {
    this.add(
      name,
      rank,
      conditions,
      `(${names}) n CROSS JOIN LATERAL (SELECT * FROM instruments i WHERE ${CONTRACT_OF_NAME} OFFSET 0) i`,
    );
  }

  /** The contracts of these series: of each at most a page, in the order of symbols. */
  private addOfSeries(name: string, rank: number, series: readonly string[], conditions: readonly string[]): void {
    const { last } = this;
    const beyond = last ? [`(${last.rank} < ${rank} OR n.last_symbol >= ${last.symbol})`] : [];
    this.branches.push(
      `${name} AS MATERIALIZED (SELECT i.id, ${rank}::numeric AS rank FROM instrument_series n CROSS JOIN LATERAL (
           SELECT i.id, i.tradingsymbol FROM instruments i WHERE ${[CONTRACT_OF_SERIES, ...conditions, ...ownConditions(this.filter, this.parameters), ...this.afterLast(rank)].join(' AND ')}
           ORDER BY ${symbolOf('i')}, i.id LIMIT ${this.page}) i
         WHERE ${[...series, ...beyond, 'true'].join(' AND ')} ORDER BY ${symbolOf('i')}, i.id LIMIT ${this.page})`,
    );
  }

  private afterLast(rank: number): string[] {
    const { last } = this;
    if (!last) return [];
    return [
      `(${last.rank} < ${rank} OR (${last.rank} = ${rank} AND (${symbolOf('i')}, i.id) > (${last.symbol}, ${last.id})))`,
    ];
  }

  private where(conditions: readonly string[]): string {
    // Made when a branch needs them: a parameter that no branch uses has no type.
    this.contract ??= contractConditions(this.filter, this.parameters);
    return [...conditions, ...this.contract, 'true'].join(' AND ');
  }

  private unfilled(done: readonly string[]): string {
    return `(${done.map((name) => `(SELECT count(*) FROM ${name})`).join(' + ')}) < ${this.page}`;
  }

  private bind(value: unknown, type: string): string {
    return this.parameters.bind(value, type);
  }
}

/** Whether the contract `i` is of the row `n` of `instrument_names`. */
const CONTRACT_OF_NAME = `${symbolOf('i')} BETWEEN n.first_symbol AND n.last_symbol
  AND i.name = n.name AND i.broker = n.broker AND i.exchange = n.exchange`;
