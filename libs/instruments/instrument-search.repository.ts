import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { INSTRUMENT_COLUMNS, type InstrumentRow } from './instrument-row.js';

export interface InstrumentFilter {
  query?: string;
  broker?: string;
  exchange?: string;
  segment?: string;
  type?: string;
  expiry?: string;
  /** Delisted ones too. */
  includeDelisted?: boolean;
}

/** Where a page ended: rank, upper-case symbol, id. */
export type SearchKey = [rank: string, symbol: string, id: string];

export interface FoundRow extends InstrumentRow {
  rank: string;
  upper: string;
}

/** pg_trgm's own default is 0.6, which misses one wrong letter in a short name (RELAINCE for RELIANCE is 0.5). */
const SIMILAR = 0.4;

/**
 * Search by rank: 0 the exact symbol, 1 a symbol's start, 2 a name's start, 3 all words of the query in symbol and name,
 * 4 to 5 the most alike name or symbol first (trigrams), 6 anywhere in a symbol. Within a rank by symbol, then id.
 * Each branch reads at most a page; the costly ones only run when the ones before did not fill it.
 */
@Injectable()
export class InstrumentSearchRepository {
  constructor(private readonly database: Database) {}

  /** Call inside a transaction: what counts as alike is set for it. */
  async search(filter: InstrumentFilter, limit: number, after: SearchKey | undefined): Promise<FoundRow[]> {
    if (filter.query !== undefined) await this.database.rows(`SELECT set_config('pg_trgm.word_similarity_threshold', $1, true)`, [String(SIMILAR)]);
    const params: unknown[] = [];
    const bind = (value: unknown, type: string) => `$${params.push(value)}::${type}`;
    const columns = { broker: 'broker', exchange: 'exchange', segment: 'segment', type: 'instrument_type' } as const;
    const wanted = Object.entries(columns).flatMap(([name, column]) => {
      const value = filter[name as keyof typeof columns];
      return value === undefined ? [] : [`i.${column} = ${bind(value, 'text')}`];
    });
    if (filter.expiry !== undefined) wanted.push(`i.expiry = ${bind(filter.expiry, 'date')}`);
    if (!filter.includeDelisted) wanted.push('i.delisted_at IS NULL');
    const last = after && { rank: bind(after[0], 'numeric'), symbol: bind(after[1], 'text'), id: bind(after[2], 'uuid') };
    const page = bind(limit, 'int');
    const symbol = `upper(i.tradingsymbol) COLLATE "C"`;
    const where = (conditions: string[]) => [...conditions, ...wanted, 'true'].join(' AND ');
    // The index gives symbols in order, so a page of a fixed rank starts right behind the last one.
    const branch = (name: string, rank: number, conditions: string[], from = 'instruments i') =>
      `${name} AS MATERIALIZED (SELECT i.id, ${rank}::numeric AS rank FROM ${from} WHERE ${where([
        ...conditions,
        ...(last ? [`(${last.rank} < ${rank} OR (${last.rank} = ${rank} AND (${symbol}, i.id) > (${last.symbol}, ${last.id})))`] : []),
      ])} ORDER BY ${symbol}, i.id LIMIT ${page})`;
    const branches: string[] = [];
    const query = filter.query?.trim();
    if (query) {
      const text = bind(query, 'text');
      const start = bind(`${likeSafe(query.toUpperCase())}%`, 'text');
      const [first = '', ...others] = query.toUpperCase().split(/\s+/);
      const exact = `${symbol} = upper(${text})`;
      const symbolStarts = `${symbol} LIKE ${start}`;
      const names = `(SELECT n.name FROM instrument_names n WHERE upper(n.name) LIKE ${start})`;
      branches.push(branch('exact', 0, [exact]), branch('symbols', 1, [symbolStarts, `NOT (${exact})`]), branch('names', 2, [`i.name IN ${names}`, `NOT (${symbolStarts})`]));
      const earlier = `NOT (${symbolStarts}) AND upper(i.name) NOT LIKE ${start}`;
      const unfilled = (done: string[]) => `(${done.map((name) => `(SELECT count(*) FROM ${name})`).join(' + ')}) < ${page}`;
      const words = others.map((word) => `strpos(upper(i.tradingsymbol || ' ' || i.name), ${bind(word, 'text')}) > 0`);
      const wordsMatch = words.length > 0 ? `(${[`${symbol} LIKE ${bind(`${likeSafe(first)}%`, 'text')}`, ...words].join(' AND ')})` : 'false';
      branches.push(branch('words', 3, [wordsMatch, earlier, unfilled(['exact', 'symbols', 'names'])]));
      branches.push(
        `alike AS MATERIALIZED (
           SELECT i.id, found.rank FROM (
             SELECT hit.id, round((5 - max(hit.likeness))::numeric, 4) AS rank FROM (
               SELECT i.id, word_similarity(${text}, n.name) AS likeness FROM instrument_names n JOIN instruments i ON i.name = n.name
               WHERE ${text} <% n.name AND ${unfilled(['exact', 'symbols', 'names', 'words'])}
               UNION ALL
               SELECT i.id, word_similarity(${text}, i.tradingsymbol) FROM instruments i
               WHERE ${text} <% i.tradingsymbol AND i.expiry IS NULL AND ${unfilled(['exact', 'symbols', 'names', 'words'])}
             ) hit GROUP BY hit.id
           ) found JOIN instruments i USING (id)
           WHERE ${where([earlier, `NOT (${wordsMatch})`, ...(last ? [`(found.rank, ${symbol}, i.id) > (${last.rank}, ${last.symbol}, ${last.id})`] : [])])}
           ORDER BY found.rank, ${symbol}, i.id LIMIT ${page})`,
        branch('within', 6, [
          `strpos(upper(i.tradingsymbol), upper(${text})) > 0`,
          earlier,
          `NOT (${wordsMatch})`,
          // The same test as above, so that a contract has one rank whatever page it is on.
          `NOT (i.expiry IS NULL AND ${text} <% i.tradingsymbol) AND NOT (${text} <% i.name)`,
          unfilled(['exact', 'symbols', 'names', 'words', 'alike']),
        ]),
      );
    } else {
      branches.push(branch('all_of_them', 0, []));
    }
    const all = query ? ['exact', 'symbols', 'names', 'words', 'alike', 'within'] : ['all_of_them'];
    return this.database.rows<FoundRow>(
      `WITH ${branches.join(',\n')}, found AS (${all.map((name) => `SELECT id, rank FROM ${name}`).join(' UNION ALL ')})
       SELECT ${INSTRUMENT_COLUMNS}, found.rank::text AS rank, upper(i.tradingsymbol) AS upper
       FROM found JOIN instruments i USING (id)
       ORDER BY found.rank, ${symbol}, i.id LIMIT ${page}`,
      params,
    );
  }
}

function likeSafe(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
