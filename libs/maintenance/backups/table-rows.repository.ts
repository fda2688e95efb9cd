import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { RENEW_EPOCH_SQL } from '#changes';
import type { BackupManifest } from './backup-manifest.js';
import type { TableColumns } from './schema-catalogue.repository.js';

/** Rows that were written to a file or read from one. */
interface CopiedRows {
  rows: number;
  /** SHA-256 of the rows in COPY's text format, before compression. */
  sha256: string;
}

/** Copies the rows of tables to files and back. The caller owns the transaction. */
export class TableRowsRepository {
  constructor(private readonly client: pg.Client) {}

  /** Keeps the tables from being altered or dropped until the transaction ends. */
  async share(tables: readonly TableColumns[]): Promise<void> {
    await this.client.query(`LOCK TABLE ${tables.map(({ table }) => table).join(', ')} IN ACCESS SHARE MODE`);
  }

  async write({ table, columns }: TableColumns, file: string): Promise<CopiedRows> {
    const rows = this.client.query(copyTo(`COPY (SELECT ${columns.join(', ')} FROM ${table}) TO STDOUT`));
    const { through, result } = counting();
    await pipeline(
      rows,
      through,
      createGzip({ level: 4 }),
      createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true }),
    );
    return result();
  }

  async read({ table, columns }: TableColumns, file: string): Promise<CopiedRows> {
    const rows = this.client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN`));
    const { through, result } = counting();
    await pipeline(createReadStream(file), createGunzip(), through, rows);
    return result();
  }

  /** Removes what the migrations inserted, and stops the triggers of the tables. */
  async prepare(tables: readonly TableColumns[], partitions: BackupManifest['partitions']): Promise<void> {
    for (const { partition, parent, bound } of partitions)
      await this.client.query(`CREATE TABLE IF NOT EXISTS ${partition} PARTITION OF ${parent} ${bound}`);
    await this.client.query(`TRUNCATE ${tables.map(({ table }) => table).join(', ')}`);
    for (const { table } of tables) await this.client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  }

  /** Starts the triggers again, and continues the sequences where they were. */
  async finish(tables: readonly TableColumns[], sequences: BackupManifest['sequences']): Promise<void> {
    for (const { table } of tables) await this.client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    for (const { sequence, value, called } of sequences)
      await this.client.query('SELECT setval($1::regclass, $2::bigint, $3)', [sequence, value, called]);
  }

  /**
   * Replaces the ids of transactions. Those of the backup's server may lie in the future of this one, whose readers would
   * never see the rows as committed.
   */
  async renewTransactionIds(columns: readonly { table: string; column: string; type: string }[]): Promise<void> {
    for (const { table, column, type } of columns)
      await this.client.query(`UPDATE ${table} SET ${column} = pg_current_xact_id()::text::${type}`);
    await this.client.query(RENEW_EPOCH_SQL);
  }
}

const LINE_END = 0x0a;

/** COPY's text format has one line per row: it escapes line ends within values. */
function counting(): { through: Transform; result: () => CopiedRows } {
  const hash = createHash('sha256');
  let rows = 0;
  const through = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, at + 1)) rows += 1;
      done(null, chunk);
    },
  });
  return { through, result: () => ({ rows, sha256: hash.digest('hex') }) };
}
