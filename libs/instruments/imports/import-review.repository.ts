import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type ContractState, contractStateSql } from '../catalogue/contract-state.js';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';

/** Expiries of the rows of an import. */
export interface FileDates {
  /** Whether a contract expires within the given days. Then nothing else is counted. */
  soon: boolean;
  dated: number;
  first: string | null;
  last: string | null;
}

/** A row of a master as it would be stored. */
export interface PreviewRow extends ContractState {
  line: number;
  action: 'insert' | 'update' | 'relist' | 'unchanged';
}

/** Counts of what an import would do. */
export interface ActionCounts {
  inserted: number;
  updated: number;
  relisted: number;
  /** Contracts whose key belongs to another contract now. */
  retired: number;
  /** Those that have not expired. */
  early: number;
}

/** The SQL that looks at a staged and compared master before it is merged. */
@Injectable()
export class ImportReviewRepository {
  constructor(
    private readonly database: Database,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
  ) {}

  /** Expiries of the staged rows or, for a first import, of the broker's contracts. One that expires soon ends the search. */
  async dates(broker: string, today: string, days: number, first: boolean): Promise<FileDates> {
    const rows = first
      ? `instruments i WHERE i.broker = $1 AND i.delisted_at IS NULL`
      : `import_staging i WHERE NOT i.faulty AND $1 <> ''`;
    const [near] = await this.rows<{ soon: boolean }>(
      `SELECT EXISTS (SELECT FROM ${rows} AND i.expiry BETWEEN $2::date AND $2::date + $3::int) AS soon`,
      [broker, today, days],
    );
    if (near!.soon) return { soon: true, dated: 0, first: null, last: null };
    const [row] = await this.rows<Omit<FileDates, 'soon'>>(
      `SELECT count(i.expiry)::int AS dated, min(i.expiry)::text AS first, max(i.expiry)::text AS last FROM ${rows}`,
      [broker],
    );
    return { soon: false, ...row! };
  }

  async countActions(): Promise<ActionCounts> {
    const [row] = await this.rows<ActionCounts>(
      `SELECT count(*) FILTER (WHERE action = 'insert')::int AS inserted, count(*) FILTER (WHERE action = 'update')::int AS updated,
         count(*) FILTER (WHERE action = 'relist')::int AS relisted, count(retired)::int AS retired, count(*) FILTER (WHERE early)::int AS early
       FROM import_actions`,
    );
    return row!;
  }

  /** Counts the updates that change a strike, tick or lot by a power of ten. */
  async countScaled(): Promise<number> {
    const scaled = ['strike', 'tick_size', 'lot_size'].map(
      (column) =>
        `(s.${column} > 0 AND i.${column} > 0 AND s.${column} <> i.${column}
          AND greatest(s.${column}, i.${column}) / least(s.${column}, i.${column}) = ANY (ARRAY[1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]))`,
    );
    const [row] = await this.rows<{ count: number }>(
      `SELECT count(*)::int AS count FROM import_actions a JOIN import_staging s USING (line) JOIN instruments i ON i.id = a.target
       WHERE a.action = 'update' AND (${scaled.join(' OR ')})`,
    );
    return row!.count;
  }

  /** The first staged rows, as they would be stored. */
  async preview(limit: number): Promise<PreviewRow[]> {
    const found = await this.rows<{ line: number; action: PreviewRow['action']; state: ContractState }>(
      `SELECT s.line, CASE WHEN a.action = 'adopt' THEN 'unchanged' ELSE coalesce(a.action, 'unchanged') END AS action,
         ${contractStateSql('s')} AS state
       FROM import_staging s LEFT JOIN import_actions a USING (line) WHERE NOT s.faulty ORDER BY s.line LIMIT $1`,
      [limit],
    );
    return found.map(({ state, ...row }) => ({ ...row, ...state }));
  }

  private rows<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.database.rows<Row>(sql, params, this.config.importTimeoutMs + 2_000);
  }
}
