import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { DataSources, Migrator } from '#database';
import { BackupError } from '../maintenance.errors.js';
import {
  type BackupManifest,
  fileOf,
  objectsApart,
  readManifest,
  schemaLinesApart,
  writeManifest,
} from './backup-manifest.js';
import { findTool, runTool } from './pg-dump.js';
import { SchemaCatalogueRepository } from './schema-catalogue.repository.js';
import { TableRowsRepository } from './table-rows.repository.js';

const DUMP = 'database.dump';
/** Differences of two schemas that an error names. */
const DIFFERENCES_SHOWN = 10;

/** `auto`: pg_dump if its major version is the server's. */
export type BackupMethod = 'auto' | 'copy' | 'pg_dump';

export interface BackupReport {
  folder: string;
  kind: BackupManifest['kind'];
  /** Why pg_dump was used or not. */
  reason: string;
  tables: number;
  rows: number;
  migrations: number;
}

interface Connected {
  client: pg.Client;
  catalogue: SchemaCatalogueRepository;
  copies: TableRowsRepository;
}

/** Writes every row of a desk to a folder, and restores it into an empty database. */
export class Backups {
  constructor(
    private readonly sources: DataSources,
    private readonly migrator: Migrator,
  ) {}

  /** Everything is read in one snapshot, so the desk may be in use. @param folder new or empty */
  async create(folder: string, method: BackupMethod = 'auto'): Promise<BackupReport> {
    const states = await this.migrator.status();
    if (states.every(({ state }) => state === 'pending'))
      throw new BackupError('The database has no desk to back up: none of its migrations is applied.');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (readdirSync(folder).length > 0)
      throw new BackupError(`${folder} is not empty. Name a new folder. Nothing was written.`);
    return this.connected(async ({ client, catalogue, copies }) => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const [server, tables] = [await catalogue.serverVersion(), await catalogue.tables()];
      await copies.share(tables);
      const { usable, reason } = findTool('pg_dump', server);
      if (method === 'pg_dump' && !usable)
        throw new BackupError(`pg_dump cannot be used (${reason}). Install the server's version, or use COPY.`);
      const kind = usable && method !== 'copy' ? 'pg_dump' : 'copy';
      const { rows: history } = await client.query<{ name: string; checksum: string | null }>(
        'SELECT name, checksum FROM migrations ORDER BY "timestamp"',
      );
      const [schema, partitions] = [await catalogue.schemaLines(), await catalogue.partitions()];
      const written: BackupManifest['tables'] = [];
      if (kind === 'pg_dump') {
        const { rows } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
        await runTool('pg_dump', this.sources.url('init'), [
          ...['--format=custom', '--no-owner', '--no-privileges'],
          ...[`--snapshot=${rows[0]!.id}`, `--file=${join(folder, DUMP)}`],
        ]);
        for (const one of tables) written.push({ ...one, rows: await catalogue.count(one.table), sha256: null });
      } else {
        for (const one of tables) written.push({ ...one, ...(await copies.write(one, fileOf(folder, one))) });
      }
      // Sequences are not part of a snapshot. Read last, they are not behind any row.
      const sequences = await catalogue.sequences();
      const at = new Date().toISOString();
      writeManifest(folder, { kind, at, server, migrations: history, partitions, sequences, tables: written }, schema);
      return { folder, kind, reason, ...totals(written), migrations: history.length };
    });
  }

  /**
   * Restores all rows in one transaction. A failure leaves the database empty. Afterwards the schema is that of the backup:
   * later migrations are pending.
   * @throws BackupError if the backup is incomplete, damaged or of another schema, or if the database has tables
   */
  async restore(folder: string): Promise<BackupReport> {
    const { manifest, schema } = readManifest(folder);
    await this.refuseStrangers(manifest);
    refuseMissing(folder, manifest);
    await this.refuseTables();
    const names = manifest.migrations.map(({ name }) => name);
    try {
      if (manifest.kind === 'copy') await this.migrator.up(undefined, undefined, new Set(names));
      else await this.runRestore(folder, manifest.server);
      await this.fill(folder, manifest, schema);
    } catch (error) {
      await this.migrator.down(names.length);
      throw error;
    }
    const reason = `written at ${manifest.at} from PostgreSQL ${manifest.server}`;
    return { folder, kind: manifest.kind, reason, ...totals(manifest.tables), migrations: names.length };
  }

  private fill(folder: string, manifest: BackupManifest, schema: readonly string[]): Promise<void> {
    return this.connected(async ({ client, catalogue, copies }) => {
      const differences = schemaLinesApart(schema, await catalogue.schemaLines());
      if (differences.length > 0) throw differentSchema(differences);
      const [tables, sequences] = [await catalogue.tables(), await catalogue.sequences()];
      const apart = objectsApart(manifest, { tables, sequences });
      if (apart.length > 0) throw damagedManifest(apart);
      await client.query('BEGIN');
      if (manifest.kind === 'copy') await this.readRows(folder, manifest, copies);
      for (const { table, rows } of manifest.tables) expectRows(table, rows, await catalogue.count(table));
      await copies.renewTransactionIds(await catalogue.transactionIds());
      await client.query('COMMIT');
    });
  }

  private async readRows(folder: string, manifest: BackupManifest, copies: TableRowsRepository): Promise<void> {
    const { tables, partitions, sequences } = manifest;
    await copies.prepare(tables, partitions);
    for (const one of tables) {
      const file = fileOf(folder, one);
      const { rows, sha256 } = await copies.read(one, file).catch((cause: unknown) => {
        throw new BackupError(`${file} cannot be restored: ${(cause as Error).message}. Nothing was restored.`);
      });
      if (sha256 !== one.sha256)
        throw new BackupError(`${file} is damaged: its checksum differs from the manifest's. Nothing was restored.`);
      expectRows(one.table, one.rows, rows);
    }
    await copies.finish(tables, sequences);
  }

  /** The history of migrations may be left, without rows: a failed restore leaves it. */
  private refuseTables(): Promise<void> {
    return this.connected(async ({ catalogue }) => {
      const present = (await catalogue.tables()).map(({ table }) => table);
      if (present.length === 0) return;
      if (present.length === 1 && present[0] === 'migrations' && (await catalogue.count('migrations')) === 0) return;
      throw new BackupError(
        `The database is not empty: it has ${present.length} tables (${present[0]}, ..). ` +
          'Restore into a new database, and point DATABASE_URL to it afterwards. Nothing was restored.',
      );
    });
  }

  private async runRestore(folder: string, server: string): Promise<void> {
    const { usable, reason } = findTool('pg_restore', server);
    if (!usable)
      throw new BackupError(
        `The backup was written by pg_dump, and pg_restore cannot be used (${reason}). Install the version of the server.`,
      );
    await runTool('pg_restore', this.sources.url('init'), [
      ...['--no-owner', '--no-privileges', '--single-transaction', '--exit-on-error', join(folder, DUMP)],
    ]);
  }

  /** Refuses a backup whose migrations this version does not have, or has with another SQL. */
  private async refuseStrangers({ migrations }: BackupManifest): Promise<void> {
    const known = new Map((await this.migrator.checksums()).map((one) => [one.name, one.checksum]));
    const unknown = migrations.filter(({ name }) => !known.has(name)).map(({ name }) => name);
    const edited = migrations
      .filter(({ name, checksum }) => known.has(name) && checksum !== null && checksum !== known.get(name))
      .map(({ name }) => name);
    if (unknown.length > 0)
      throw new BackupError(
        `The backup is of a newer version: this one does not know ${unknown.join(', ')}. ` +
          'Restore it with the version that wrote it. Nothing was restored.',
      );
    if (edited.length > 0)
      throw new BackupError(
        `The backup is of another schema: its checksum of ${edited.join(', ')} differs from this version's. ` +
          'Restore it with the version that wrote it. Nothing was restored.',
      );
  }

  private async connected<T>(work: (connected: Connected) => Promise<T>): Promise<T> {
    const client = new pg.Client({ ...this.sources.connection('init'), application_name: 'deskwire-backup' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const schemas = this.sources.extensions.map(({ name }) => name);
      const catalogue = new SchemaCatalogueRepository(client, schemas);
      return await work({ client, catalogue, copies: new TableRowsRepository(client) });
    } finally {
      await client.end();
    }
  }
}

/** Names a file that is missing before anything is written. */
function refuseMissing(folder: string, { kind, tables }: BackupManifest): void {
  const files = kind === 'copy' ? tables.map((one) => fileOf(folder, one)) : [join(folder, DUMP)];
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new BackupError(`${missing} is missing. Nothing was restored.`);
}

function totals(tables: readonly { rows: number }[]): { tables: number; rows: number } {
  return { tables: tables.length, rows: tables.reduce((sum, { rows }) => sum + rows, 0) };
}

function expectRows(table: string, expected: number, seen: number): void {
  if (seen === expected) return;
  throw new BackupError(
    `${table} has ${seen} rows after the restore, and the backup has ${expected}. Nothing was restored.`,
  );
}

function firstOf(differences: readonly string[]): string {
  const shown = differences.slice(0, DIFFERENCES_SHOWN).map((line) => `  ${line}`);
  if (differences.length > shown.length) shown.push(`  .. and ${differences.length - shown.length} more`);
  return shown.join('\n');
}

function damagedManifest(differences: readonly string[]): BackupError {
  return new BackupError(
    `manifest.json is damaged: it does not name what the desk has (- manifest, + database). Nothing was restored.\n${firstOf(differences)}`,
  );
}

function differentSchema(differences: readonly string[]): BackupError {
  return new BackupError(
    `The schema that the migrations made differs from the backup's (- backup, + database). Nothing was restored.\n${firstOf(differences)}\n` +
      'Restore with the version that wrote the backup. A change of the schema that was made by hand is in no migration: write one.',
  );
}
