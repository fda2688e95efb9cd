import type { Database } from './database.js';

/** One column of a bulk write: its name and its PostgreSQL type (`text`, `numeric`, `timestamptz`, `jsonb`, `uuid`..). */
export interface BulkColumn {
  name: string;
  type: string;
}

export interface BulkUpsert {
  table: string;
  columns: readonly BulkColumn[];
  /** The columns of the unique constraint. A conflict on them turns the insert into an update. */
  key: readonly string[];
  /** Columns written on conflict. Default: all except the key. */
  update?: readonly string[];
  /** An additional condition for the update, e.g. `t.as_of < excluded.as_of` (`t` is the table). */
  onlyIf?: string;
  /** Values in the order of `columns`. The last of several rows with the same key wins. */
  rows: readonly (readonly unknown[])[];
  /** e.g. `t.id, (t.xmax = 0) AS inserted` */
  returning?: string;
}

/** Rows per statement. Each column is one array parameter, so the limit of 65,535 parameters does not matter. */
const CHUNK = 10_000;

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/**
 * INSERT .. ON CONFLICT DO UPDATE, one statement per chunk. Unchanged rows are not written (no new row version, no WAL).
 * Rows with the same key are merged first, because the statement would fail with 21000.
 * @returns the `returning` values of the rows that were inserted or changed
 */
export async function bulkUpsert<Row = Record<string, unknown>>(
  database: Database,
  upsert: BulkUpsert,
): Promise<Row[]> {
  const rows = lastOfEachKey(upsert);
  const sql = statement(upsert);
  const written: Row[] = [];
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.slice(start, start + CHUNK);
    const arrays = upsert.columns.map(({ type }, column) =>
      chunk.map((row) => (isJson(type) ? asJson(row[column]) : row[column])),
    );
    written.push(...(await database.rows<Row>(sql, arrays)));
  }
  return written;
}

const isJson = (type: string) => type === 'json' || type === 'jsonb';

/** Serializes JSON as pg does for a single parameter: a string is JSON already. In an array pg would take a JSON array for another dimension. */
function asJson(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

/**
 * Sorts rows by key, so that two bulks lock the same rows in the same order and cannot deadlock. PostgreSQL would cancel one
 * of them after 1 s, and it would start again. Sorting 100,000 rows takes 60 ms.
 */
function lastOfEachKey({ columns, key, rows }: BulkUpsert): readonly (readonly unknown[])[] {
  const at = key.map((name) => columns.findIndex((column) => column.name === name));
  const last = new Map(rows.map((row) => [JSON.stringify(at.map((index) => row[index])), row]));
  return [...last.keys()].sort().map((text) => last.get(text)!);
}

function statement({ table, columns, key, update, onlyIf, returning }: BulkUpsert): string {
  const names = columns.map((column) => quote(column.name)).join(', ');
  const arrays = columns.map((column, index) => `$${index + 1}::${column.type}[]`).join(', ');
  const changed = (update ?? columns.map((column) => column.name).filter((name) => !key.includes(name))).map(quote);
  const action =
    changed.length === 0
      ? 'DO NOTHING'
      : `DO UPDATE SET ${changed.map((name) => `${name} = excluded.${name}`).join(', ')}
         WHERE (${changed.map((name) => `t.${name}`).join(', ')}) IS DISTINCT FROM (${changed.map((name) => `excluded.${name}`).join(', ')})
         ${onlyIf ? `AND (${onlyIf})` : ''}`;
  return `INSERT INTO ${quote(table)} AS t (${names})
    SELECT * FROM unnest(${arrays})
    ON CONFLICT (${key.map(quote).join(', ')}) ${action}
    ${returning ? `RETURNING ${returning}` : ''}`;
}
