import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { INSTRUMENT_COLUMNS, type InstrumentRow } from '../masters/instrument-row.js';

export interface InstrumentFilter {
  query?: string;
  broker?: string;
  exchange?: string;
  segment?: string;
  type?: string;
  expiry?: string;
  /** Includes delisted contracts. */
  includeDelisted?: boolean;
}

/** End of the previous page: rank, upper-case symbol, id. */
export type SearchKey = [rank: string, symbol: string, id: string];

export interface FoundRow extends InstrumentRow {
  rank: string;
  upper: string;
}

/** Minimum trigram similarity. pg_trgm's default is 0.6, but two swapped letters (RELAINCE for RELIANCE) leave 0.38. */
const SIMILAR = 0.3;

/** Maximum number of similar names, and of similar symbols, that are searched. */
const MOST_ALIKE = 100;

/**
 * Search by rank: 0 the exact symbol, 1 a symbol's start, 2 a name's start, 3 all words of the query in symbol and name,
 * 4 anywhere in a symbol, 5 to 6.2 similar names and symbols (trigrams), the most similar first. Within a rank by symbol, then id.
 * Each branch reads at most a page. The costly ones run only if the earlier ones did not fill the page.
 */
@Injectable()
export class InstrumentSearchRepository {
  constructor(private readonly database: Database) {}

  /** Call it inside a transaction, for which the similarity threshold is set. */
  async search(filter: InstrumentFilter, limit: number, after: SearchKey | undefined): Promise<FoundRow[]> {
    if (filter.query !== undefined)
      await this.database.rows(`SELECT set_config('pg_trgm.word_similarity_threshold', $1, true)`, [String(SIMILAR)]);
    const params: unknown[] = [];
    const bind = (value: unknown, type: string) => `$${params.push(value)}::${type}`;
    const columns = { broker: 'broker', exchange: 'exchange', segment: 'segment', type: 'instrument_type' } as const;
    const wanted = Object.entries(columns).flatMap(([name, column]) => {
      const value = filter[name as keyof typeof columns];
      return value === undefined ? [] : [`i.${column} = ${bind(value, 'text')}`];
    });
    if (filter.expiry !== undefined) wanted.push(`i.expiry = ${bind(filter.expiry, 'date')}`);
    if (!filter.includeDelisted) wanted.push('i.delisted_at IS NULL');
    const last = after && {
      rank: bind(after[0], 'numeric'),
      symbol: bind(after[1], 'text'),
      id: bind(after[2], 'uuid'),
    };
    const page = bind(limit, 'int');
    const symbol = `upper(i.tradingsymbol COLLATE "C")`;
    const where = (conditions: string[]) => [...conditions, ...wanted, 'true'].join(' AND ');
    // The index returns symbols in order, so a page of a fixed rank starts right after the last one.
    const branch = (name: string, rank: number, conditions: string[], from = 'instruments i') =>
      `${name} AS MATERIALIZED (SELECT i.id, ${rank}::numeric AS rank FROM ${from} WHERE ${where([
        ...conditions,
        ...(last
          ? [
              `(${last.rank} < ${rank} OR (${last.rank} = ${rank} AND (${symbol}, i.id) > (${last.symbol}, ${last.id})))`,
            ]
          : []),
      ])} ORDER BY ${symbol}, i.id LIMIT ${page})`;
    const branches: string[] = [];
    const query = filter.query?.trim();
    if (query) {
      const text = bind(query, 'text');
      const start = bind(`${likeSafe(query.toUpperCase())}%`, 'text');
      const [first = '', ...others] = query.split(/\s+/);
      const ascii = bind(asciiUpper(query), 'text');
      const exact = `${symbol} = ${ascii}`;
      const symbolStarts = `${symbol} LIKE ${bind(`${likeSafe(asciiUpper(query))}%`, 'text')}`;
      const within = `strpos(${symbol}, ${ascii}) > 0`;
      const earlier = `NOT (${symbolStarts}) AND upper(i.name) NOT LIKE ${start}`;
      const unfilled = (done: string[]) =>
        `(${done.map((name) => `(SELECT count(*) FROM ${name})`).join(' + ')}) < ${page}`;
      const words = others.map(
        (word) => `strpos(upper(i.tradingsymbol || ' ' || i.name), upper(${bind(word, 'text')})) > 0`,
      );
      const wordsMatch =
        words.length > 0
          ? `(${[`${symbol} LIKE ${bind(`${likeSafe(asciiUpper(first))}%`, 'text')}`, ...words].join(' AND ')})`
          : 'false';
      // Typing errors are more common in the middle of a word than at its start.
      const beginning = bind(`${likeSafe(query.toUpperCase().slice(0, 2))}%`, 'text');
      const likeness = (what: string) =>
        `(word_similarity(${text}, ${what}) + CASE WHEN upper(${what}) LIKE ${beginning} THEN 0.2 ELSE 0 END)`;
      branches.push(
        branch('exact', 0, [exact]),
        branch('symbols', 1, [symbolStarts, `NOT (${exact})`]),
        branch(
          'names',
          2,
          [`NOT (${symbolStarts})`],
          this.named(
            `SELECT n.* FROM instrument_names n WHERE upper(n.name) LIKE ${start} AND ${unfilled(['exact', 'symbols'])}`,
          ),
        ),
        branch('words', 3, [wordsMatch, earlier, unfilled(['exact', 'symbols', 'names'])]),
        branch('within', 4, [unfilled(['exact', 'symbols', 'names', 'words']), within, earlier, `NOT (${wordsMatch})`]),
        `alike_names AS MATERIALIZED (SELECT n.*, ${likeness('n.name')} AS likeness FROM instrument_names n
           WHERE ${text} <% n.name AND ${unfilled(['exact', 'symbols', 'names', 'words', 'within'])} ORDER BY likeness DESC, 1, 2, 3 LIMIT ${MOST_ALIKE})`,
        `alike_symbols AS MATERIALIZED (SELECT i.id, ${likeness('i.tradingsymbol')} AS likeness FROM instruments i
           WHERE ${text} <% i.tradingsymbol AND i.expiry IS NULL AND ${unfilled(['exact', 'symbols', 'names', 'words', 'within'])} ORDER BY 2 DESC, 1 LIMIT ${MOST_ALIKE})`,
        `alike AS MATERIALIZED (
           SELECT i.id, found.rank FROM (
             SELECT hit.id, round((6.2 - max(hit.likeness))::numeric, 4) AS rank FROM (
               SELECT i.id, n.likeness FROM ${this.named('SELECT * FROM alike_names')} UNION ALL SELECT id, likeness FROM alike_symbols
             ) hit GROUP BY hit.id
           ) found JOIN instruments i USING (id)
           WHERE ${where([earlier, `NOT (${wordsMatch})`, `NOT (${within})`, ...(last ? [`(found.rank, ${symbol}, i.id) > (${last.rank}, ${last.symbol}, ${last.id})`] : [])])}
           ORDER BY found.rank, ${symbol}, i.id LIMIT ${page})`,
      );
    } else {
      branches.push(branch('all_of_them', 0, []));
    }
    const all = query ? ['exact', 'symbols', 'names', 'words', 'within', 'alike'] : ['all_of_them'];
    return this.database.rows<FoundRow>(
      `WITH ${branches.join(',\n')}, found AS (${all.map((name) => `SELECT id, rank FROM ${name}`).join(' UNION ALL ')})
       SELECT ${INSTRUMENT_COLUMNS}, found.rank::text AS rank, ${symbol} AS upper
       FROM found JOIN instruments i USING (id)
       ORDER BY found.rank, ${symbol}, i.id LIMIT ${page}`,
      params,
    );
  }

  /** Selects the contracts of these names by their symbols. OFFSET fences it; otherwise the planner reads all symbols in order (300 ms). */
  private named(names: string): string {
    return `(${names}) n CROSS JOIN LATERAL (
      SELECT * FROM instruments x WHERE upper(x.tradingsymbol COLLATE "C") BETWEEN n.first_symbol AND n.last_symbol
        AND x.name = n.name AND x.broker = n.broker AND x.exchange = n.exchange OFFSET 0) i`;
  }
}

/** Upper case as upper() in the "C" collation. */
function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function likeSafe(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
