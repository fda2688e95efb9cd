import type { Database } from './database.js';

/** One column of a bulk write: its name and its PostgreSQL type (`text`, `numeric`, `timestamptz`, `jsonb`, `uuid`..). */
export interface BulkColumn {
  name: string;
  type: string;
}

export interface BulkUpsert {
  table: string;
  columns: readonly BulkColumn[];
  /** The columns of the unique constraint that decides insert or update. */
  key: readonly string[];
  /** Columns written on conflict; all but the key by default. */
  update?: readonly string[];
  /** A further condition for the update, e.g. `t.as_of < excluded.as_of` (`t` is the table). */
  onlyIf?: string;
  /** Values in the order of `columns`. Of rows with one key the last wins. */
  rows: readonly (readonly unknown[])[];
  /** e.g. `t.id, (t.xmax = 0) AS inserted` */
  returning?: string;
}

/** 10,000 rows a statement: parameters are one array a column, so the limit of 65,535 parameters is never near. */
const CHUNK = 10_000;

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/**
 * INSERT .. ON CONFLICT DO UPDATE, one statement a chunk. Rows that would not change are not written (no new row
 * version, no WAL); two rows of one key are resolved before the statement, which would otherwise fail with 21000.
 * @returns the rows of `returning`: only of what was inserted or changed
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

/** As pg does with a parameter of its own: a string is JSON already. Within an array pg would take a JSON array for one more dimension. */
function asJson(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

/**
 * In the order of their keys, so that two bulks of the same rows lock them in the same order: in opposite orders they
 * deadlock, and the one that PostgreSQL cancels after 1 s has to begin again. 100,000 rows in no order: 60 ms more.
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
