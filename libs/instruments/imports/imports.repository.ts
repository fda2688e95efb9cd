import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { OrderKey } from '#text';
import { utcTimeSql } from '#time';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';
import type { ImportCounts } from './import-counts.js';
import type { ImportsQuery } from './import.dto.js';

/** An import as lists show it. */
export interface ImportRow extends ImportCounts {
  id: string;
  position: number;
  broker: string;
  kind: 'import' | 'rollback';
  source: string;
  master: string | null;
  sha256: string | null;
  exchanges: string[];
  rows: number;
  listed: number;
  forced: boolean;
  restores: string | null;
  isDemo: boolean;
  createdBy: string | null;
  durationMs: number;
  createdAt: string;
}

export interface IssueRow {
  id: string;
  line: number;
  severity: 'quarantined' | 'warning';
  field: string | null;
  reason: string;
  excerpt: string;
}

export interface ImportFilter {
  brokers?: readonly string[] | undefined;
  kinds?: readonly ImportRow['kind'][] | undefined;
  sort: ImportsQuery['sort'];
  after?: OrderKey | undefined;
  limit: number;
}

export interface NewImport {
  broker: string;
  kind: 'import' | 'rollback';
  source: string;
  master: string | null;
  forced: boolean;
  restores: string | null;
  isDemo: boolean;
  createdBy: string | null;
}

const COLUMNS = `id, position, broker, kind, source, master, sha256, exchanges, rows, inserted, updated, unchanged, relisted, delisted,
  quarantined, filtered, warnings, listed, forced, restores, is_demo AS "isDemo", created_by AS "createdBy", duration_ms AS "durationMs",
  ${utcTimeSql('created_at')} AS "createdAt"`;

const ORDERS = {
  createdAt: null,
  broker: ['broker COLLATE "C"', 'text'],
  inserted: ['inserted', 'integer'],
  updated: ['updated', 'integer'],
  relisted: ['relisted', 'integer'],
  delisted: ['delisted', 'integer'],
  quarantined: ['quarantined', 'integer'],
} as const;

/** A large master takes time, and memory for its hash joins. @param timeout a parameter */
const raisedLimits = (timeout: string) =>
  `set_config('statement_timeout', ${timeout}, true), set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`;

/** The tables that a search reads. */
const SEARCHED = ['instruments', 'instrument_names', 'instrument_series'];

/** The SQL of imports and their issues. */
@Injectable()
export class ImportsRepository {
  constructor(
    private readonly database: Database,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
  ) {}

  /**
   * Locks the broker's instruments for this transaction, and raises its limits. The lock ends with the transaction, also when the
   * import is killed.
   * @returns false if another import holds the lock
   */
  async lockBroker(broker: string): Promise<boolean> {
    const [row] = await this.database.rows<{ locked: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended('deskwire:instruments:' || $1, 0)) AS locked, ${raisedLimits('$2')}`,
      [broker, String(this.config.importTimeoutMs)],
    );
    return row!.locked;
  }

  /** Raises the limits of this transaction without the lock, for work that writes temporary tables only. */
  async allowTime(): Promise<void> {
    await this.database.rows(`SELECT ${raisedLimits('$1')}`, [String(this.config.importTimeoutMs)]);
  }

  /** Call it after lockBroker(), because it takes the broker's next position. */
  async insert(record: NewImport): Promise<string> {
    const [row] = await this.database.rows<{ id: string }>(
      `INSERT INTO instrument_imports (position, broker, kind, source, master, forced, restores, is_demo, created_by)
       SELECT coalesce(max(position), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8 FROM instrument_imports WHERE broker = $1
       RETURNING id`,
      [
        record.broker,
        record.kind,
        record.source,
        record.master,
        record.forced,
        record.restores,
        record.isDemo,
        record.createdBy,
      ],
    );
    return row!.id;
  }

  /** Writes the result of the import. `listed` continues the previous import's value, so contracts are never counted. */
  async finish(
    id: string,
    counts: ImportCounts,
    details: { rows: number; sha256: string | null; exchanges: string[]; durationMs: number },
  ): Promise<void> {
    await this.database.run(
      `UPDATE instrument_imports r SET inserted = $2, updated = $3, unchanged = $4, relisted = $5, delisted = $6, quarantined = $7,
         warnings = $8, rows = $9, sha256 = $10, exchanges = $11, duration_ms = $12, filtered = $13,
         listed = coalesce((SELECT b.listed FROM instrument_imports b WHERE b.broker = r.broker AND b.position < r.position
                            ORDER BY b.position DESC LIMIT 1), 0) + $2 + $5 - $6
       WHERE id = $1`,
      [
        id,
        counts.inserted,
        counts.updated,
        counts.unchanged,
        counts.relisted,
        counts.delisted,
        counts.quarantined,
        counts.warnings,
        details.rows,
        details.sha256,
        details.exchanges,
        details.durationMs,
        counts.filtered,
      ],
    );
  }

  async addIssues(importId: string, issues: readonly Omit<IssueRow, 'id'>[]): Promise<void> {
    if (issues.length === 0) return;
    await this.database.run(
      `INSERT INTO instrument_import_issues (import_id, line, severity, field, reason, excerpt)
       SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[])`,
      [
        importId,
        issues.map((i) => i.line),
        issues.map((i) => i.severity),
        issues.map((i) => i.field),
        issues.map((i) => i.reason),
        issues.map((i) => i.excerpt),
      ],
    );
  }

  async find(id: string): Promise<ImportRow | undefined> {
    return (await this.database.rows<ImportRow>(`SELECT ${COLUMNS} FROM instrument_imports WHERE id = $1`, [id]))[0];
  }

  /** Lists imports, newest first. @param before id of the last import seen */
  list({ brokers, kinds, sort, after, limit }: ImportFilter): Promise<ImportRow[]> {
    const params: unknown[] = [limit];
    const keyset = Database.keyset(params, sort, ORDERS, ['id', 'uuid'], after);
    const conditions = Database.conditions(params, [
      ['broker = ANY ', brokers, 'text[]'],
      ['kind = ANY ', kinds, 'text[]'],
    ]);
    return this.database.rows<ImportRow>(
      `SELECT ${COLUMNS} FROM instrument_imports
       WHERE ${['true', ...conditions, ...keyset.after].join(' AND ')} ORDER BY ${keyset.orderBy} LIMIT $1`,
      params,
    );
  }

  /** Lists issues in line order within each kind of check. @param after id of the last issue seen */
  issues(importId: string, limit: number, after: string | undefined): Promise<IssueRow[]> {
    return this.database.rows<IssueRow>(
      `SELECT id, line, severity, field, reason, excerpt FROM instrument_import_issues
       WHERE import_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
      [importId, after ?? '0', limit],
    );
  }

  /** Without TRUNCATE, which would lock searches out. @throws after `upkeepTimeoutMs`, and when the signal aborts */
  async vacuum(signal: AbortSignal): Promise<void> {
    for (const table of SEARCHED)
      await this.database.runAlone(`VACUUM (ANALYZE, TRUNCATE false) ${table}`, this.config.upkeepTimeoutMs, signal);
  }
}
