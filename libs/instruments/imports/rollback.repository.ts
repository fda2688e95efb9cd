import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import { MASTER_FIELDS } from './import-merge.repository.js';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';

/** A contract as two states are compared. Images of older releases lack columns, so they are read as rows first. */
const compared = (row: string) => `to_jsonb(${row}) - 'updated_at'`;

/** Restores a broker's instruments to their state after one of its imports. */
@Injectable()
export class RollbackRepository {
  constructor(
    private readonly database: Database,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
  ) {}

  /**
   * The necessary changes: for each contract its earliest image after that record, and none for those inserted later,
   * which are delisted because nothing is ever deleted. Contracts in that state already are omitted.
   */
  async prepare(broker: string, position: number): Promise<void> {
    await this.run(
      `CREATE TEMP TABLE rollback_targets ON COMMIT DROP AS
       WITH later AS (SELECT id, position FROM instrument_imports WHERE broker = $1 AND position > $2),
       first_image AS (
         SELECT DISTINCT ON (c.instrument_id) c.instrument_id AS id, c.before
         FROM instrument_import_changes c JOIN later ON later.id = c.import_id ORDER BY c.instrument_id, later.position
       )
       SELECT i.id, CASE WHEN born.id IS NULL THEN f.before END AS before,
              CASE WHEN born.id IS NULL THEN f.before ->> 'delisted_at' IS NULL ELSE false END AS listed
       FROM instruments i LEFT JOIN later born ON born.id = i.inserted_by LEFT JOIN first_image f ON f.id = i.id
         LEFT JOIN LATERAL jsonb_populate_record(NULL::instruments, f.before) b ON f.id IS NOT NULL
       WHERE i.broker = $1
         AND CASE WHEN born.id IS NULL THEN f.id IS NOT NULL AND ${compared('b')} IS DISTINCT FROM ${compared('i')}
             ELSE i.delisted_at IS NULL END`,
      [broker, position],
    );
  }

  /** Keeps what is about to change as this import's own images: a rollback can be rolled back. */
  async keep(importId: string): Promise<{ updated: number; relisted: number; delisted: number }> {
    const [row] = await this.rows<{ updated: number; relisted: number; delisted: number }>(
      `WITH kept AS (
         INSERT INTO instrument_import_changes (import_id, instrument_id, action, before)
         SELECT $1, i.id, CASE WHEN i.delisted_at IS NULL AND NOT t.listed THEN 'delist' WHEN i.delisted_at IS NOT NULL AND t.listed THEN 'relist'
           WHEN ${compared('b')} - 'master' = ${compared('i')} - 'master' THEN 'adopt' ELSE 'update' END, to_jsonb(i)
         FROM rollback_targets t JOIN instruments i USING (id)
           LEFT JOIN LATERAL jsonb_populate_record(NULL::instruments, t.before) b ON t.before IS NOT NULL
         RETURNING action
       ) SELECT count(*) FILTER (WHERE action = 'update')::int AS updated, count(*) FILTER (WHERE action = 'relist')::int AS relisted,
                count(*) FILTER (WHERE action = 'delist')::int AS delisted FROM kept`,
      [importId],
    );
    return row!;
  }

  /** Delists first, so that a key is free before its earlier contract takes it back (the unique index looks at once). */
  async apply(): Promise<void> {
    await this.run(
      `UPDATE instruments i SET delisted_at = now(), updated_at = now() FROM rollback_targets t
       WHERE i.id = t.id AND NOT t.listed AND i.delisted_at IS NULL`,
    );
    await this.run(
      `UPDATE instruments i SET ${MASTER_FIELDS.map((field) => `${field} = b.${field}`).join(', ')}, master = b.master,
         listed_at = b.listed_at, delisted_at = b.delisted_at, updated_at = now()
       FROM rollback_targets t CROSS JOIN LATERAL jsonb_populate_record(NULL::instruments, t.before) b
       WHERE i.id = t.id AND t.before IS NOT NULL`,
    );
  }

  /** A master may be large: its statements may take as long as the transaction's own limit allows. */
  private run(sql: string, params: readonly unknown[] = []): Promise<number> {
    return this.database.run(sql, params, this.config.importTimeoutMs + 2_000);
  }

  private rows<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.database.rows<Row>(sql, params, this.config.importTimeoutMs + 2_000);
  }
}
