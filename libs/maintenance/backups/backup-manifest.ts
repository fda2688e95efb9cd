import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BackupError } from '../maintenance.errors.js';

const FORMAT = 1;
const FILE = 'manifest.json';
const SCHEMA_FILE = 'schema.txt';

/** Names and bounds become SQL of the restore, so only what PostgreSQL writes for a name or a range of one column is taken. */
const WORD = String.raw`([a-z_][a-z0-9_]*|"([^"]|"")+")`;
const NAME = new RegExp(String.raw`^${WORD}(\.${WORD})?$`);
const BOUND = /^(DEFAULT|FOR VALUES FROM \('[^']*'\) TO \('[^']*'\))$/;
const name = z.string().regex(NAME, { error: 'not the name of a table or sequence' });
const bound = z.string().regex(BOUND, { error: 'not the bound of a range' });

const tableSchema = z.strictObject({
  /** As PostgreSQL writes it: with its schema if that is not in the search path, and quoted if needed. */
  table: name,
  columns: z.array(z.string()),
  rows: z.int(),
  /** SHA-256 of the rows as COPY writes them. Null in a dump of pg_dump, which has one file for all tables. */
  sha256: z.string().nullable(),
});

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  kind: z.enum(['copy', 'pg_dump']),
  at: z.iso.datetime(),
  /** Version of PostgreSQL, such as 18.4. */
  server: z.string(),
  migrations: z.array(z.strictObject({ name: z.string(), checksum: z.string().nullable() })),
  /** SHA-256 of schema.txt. */
  schema: z.string(),
  partitions: z.array(z.strictObject({ partition: name, parent: name, bound })),
  sequences: z.array(z.strictObject({ sequence: name, value: z.string(), called: z.boolean() })),
  tables: z.array(tableSchema),
});

export type BackupManifest = z.output<typeof manifestSchema>;
export type BackupTable = z.output<typeof tableSchema>;

/** The manifest is written last and renamed into place, so a folder with a manifest holds a complete backup. */
export function writeManifest(folder: string, manifest: Omit<BackupManifest, 'schema' | 'format'>, schema: string[]) {
  const text = `${schema.join('\n')}\n`;
  writeFileSync(join(folder, SCHEMA_FILE), text, { mode: 0o600 });
  const whole = manifestSchema.parse({ format: FORMAT, ...manifest, schema: sha256(text) });
  const partial = join(folder, `${FILE}.new`);
  writeFileSync(partial, `${JSON.stringify(whole, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(partial, join(folder, FILE));
}

/** @returns the manifest and the lines of the schema @throws BackupError if the folder holds no complete backup */
export function readManifest(folder: string): { manifest: BackupManifest; schema: string[] } {
  const file = join(folder, FILE);
  if (!existsSync(file))
    throw new BackupError(
      `${folder} holds no complete backup: it has no ${FILE}, which \`deskwire backup\` writes last. Nothing was restored.`,
    );
  const parsed = manifestSchema.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (!parsed.success)
    throw new BackupError(
      `${file} cannot be read by this version: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}. ` +
        'Use the version of Deskwire that wrote it. Nothing was restored.',
    );
  const text = existsSync(join(folder, SCHEMA_FILE)) ? readFileSync(join(folder, SCHEMA_FILE), 'utf8') : '';
  if (sha256(text) !== parsed.data.schema)
    throw new BackupError(
      `${join(folder, SCHEMA_FILE)} is damaged: its checksum differs from the manifest's. Nothing was restored.`,
    );
  return { manifest: parsed.data, schema: text.trimEnd().split('\n') };
}

/** The file with the rows of a table. */
export function fileOf(folder: string, { table }: Pick<BackupTable, 'table'>): string {
  return join(folder, `${table.replace(/[^\w.]/g, '_')}.copy.gz`);
}

/** Tables with their columns, and sequences, that only the backup or only the database has. A backup with fewer would lose rows. */
export function objectsApart(
  backup: Pick<BackupManifest, 'tables' | 'partitions' | 'sequences'>,
  database: { tables: readonly Pick<BackupTable, 'table' | 'columns'>[]; sequences: readonly { sequence: string }[] },
): string[] {
  const linesOf = ({ tables, sequences }: typeof database) => [
    ...tables.map(({ table, columns }) => `table ${table} (${columns.join(', ')})`),
    ...sequences.map(({ sequence }) => `sequence ${sequence}`),
  ];
  const tables = new Set(database.tables.map(({ table }) => table));
  const strange = backup.partitions.filter(({ parent }) => !tables.has(parent));
  return [
    ...schemaLinesApart(linesOf(backup), linesOf(database)),
    ...strange.map(({ partition, parent }) => `- partition ${partition} of ${parent}`),
  ];
}

/** The lines that only one of two schemas has, with `-` (the backup's) or `+` (the database's). */
export function schemaLinesApart(backup: readonly string[], database: readonly string[]): string[] {
  const [before, after] = [new Set(backup), new Set(database)];
  return [
    ...backup.filter((line) => !after.has(line)).map((line) => `- ${line}`),
    ...database.filter((line) => !before.has(line)).map((line) => `+ ${line}`),
  ];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
