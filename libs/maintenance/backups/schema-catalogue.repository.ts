import type pg from 'pg';
import type { BackupManifest } from './backup-manifest.js';

/** Tables of the desk: all in the schema of the connection and in the schemas of libraries, without those of extensions. */
const TABLES = `
  SELECT c.oid, c.oid::regclass::text AS name, c.relkind, c.relispartition
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND (n.nspname = current_schema() OR n.nspname = ANY ($1::text[]))
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`;

/**
 * One line for each column, constraint, index, trigger and function of the desk. Monthly partitions are left out, because they
 * differ from month to month.
 */
const SCHEMA_LINES = `
  WITH tables AS (SELECT * FROM (${TABLES}) t WHERE NOT relispartition),
  lines AS (
    SELECT concat_ws(' ', 'column', t.name || '.' || a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN 'NOT NULL' END,
        CASE a.attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY BY DEFAULT' END,
        CASE WHEN a.attgenerated <> '' THEN 'GENERATED' END, 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)) AS line
      FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL SELECT concat_ws(' ', 'constraint', t.name, k.conname, pg_get_constraintdef(k.oid))
      FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype <> 'n'
    UNION ALL SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM tables t JOIN pg_index i ON i.indrelid = t.oid
    UNION ALL SELECT 'trigger ' || pg_get_triggerdef(g.oid) FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
    UNION ALL SELECT 'function ' || p.proname || ' ' || md5(p.prosrc) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE (n.nspname = current_schema() OR n.nspname = ANY ($1::text[]))
        AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'))
  SELECT replace(line, quote_ident(current_schema()) || '.', '') AS line FROM lines ORDER BY line COLLATE "C"`;

/** Columns with rows of their own: not those that PostgreSQL computes. */
const COLUMNS = `
  SELECT t.name AS table, array_agg(quote_ident(a.attname) ORDER BY a.attnum) AS columns
  FROM (${TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  WHERE NOT t.relispartition GROUP BY t.name ORDER BY t.name COLLATE "C"`;

/** Foreign keys between the desk's tables. */
const REFERENCES = `
  SELECT DISTINCT k.conrelid::regclass::text AS from, k.confrelid::regclass::text AS to
  FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND k.conparentid = 0`;

const PARTITIONS = `
  SELECT t.name AS partition, i.inhparent::regclass::text AS parent, pg_get_expr(c.relpartbound, c.oid) AS bound
  FROM (${TABLES}) t JOIN pg_class c ON c.oid = t.oid JOIN pg_inherits i ON i.inhrelid = t.oid
  WHERE t.relispartition ORDER BY 1`;

const SEQUENCES = `
  SELECT c.oid::regclass::text AS sequence FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'S' AND (n.nspname = current_schema() OR n.nspname = ANY ($1::text[])) ORDER BY 1`;

/** Columns that hold ids of transactions: of the type xid8, or numbers named so. They mean nothing on another server. */
const TRANSACTION_IDS = `
  SELECT t.name AS table, quote_ident(a.attname) AS column, format_type(a.atttypid, NULL) AS type
  FROM (${TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE NOT t.relispartition AND (a.atttypid = 'xid8'::regtype OR a.attname LIKE '%\\_xid') ORDER BY 1, 2`;

export interface TableColumns {
  table: string;
  columns: string[];
}

/** Reads which tables, partitions and sequences a desk has. */
export class SchemaCatalogueRepository {
  /** @param schemas schemas of libraries, beside that of the connection */
  constructor(
    private readonly client: pg.Client,
    private readonly schemas: readonly string[],
  ) {}

  /** The tables in an order in which rows can be inserted: those that others refer to come first. */
  async tables(): Promise<TableColumns[]> {
    const tables = await this.rows<TableColumns>(COLUMNS);
    const { rows: references } = await this.client.query<{ from: string; to: string }>(REFERENCES);
    const ordered = new Set<TableColumns>();
    for (let before = -1; ordered.size < tables.length && ordered.size > before;) {
      before = ordered.size;
      const waiting = new Set(tables.filter((one) => !ordered.has(one)).map(({ table }) => table));
      for (const one of tables)
        if (!references.some(({ from, to }) => from === one.table && waiting.has(to))) ordered.add(one);
    }
    if (ordered.size < tables.length) throw new Error('Foreign keys of the schema form a circle.');
    return [...ordered];
  }

  async schemaLines(): Promise<string[]> {
    return (await this.rows<{ line: string }>(SCHEMA_LINES)).map(({ line }) => line);
  }

  partitions(): Promise<BackupManifest['partitions']> {
    return this.rows(PARTITIONS);
  }

  async sequences(): Promise<BackupManifest['sequences']> {
    const found: BackupManifest['sequences'] = [];
    for (const { sequence } of await this.rows<{ sequence: string }>(SEQUENCES)) {
      const { rows } = await this.client.query<{ value: string; called: boolean }>(
        `SELECT last_value::text AS value, is_called AS called FROM ${sequence}`,
      );
      found.push({ sequence, ...rows[0]! });
    }
    return found;
  }

  transactionIds(): Promise<{ table: string; column: string; type: string }[]> {
    return this.rows(TRANSACTION_IDS);
  }

  async count(table: string): Promise<number> {
    const { rows } = await this.client.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
    return Number(rows[0]!.count);
  }

  async serverVersion(): Promise<string> {
    const { rows } = await this.client.query<{ version: string }>(
      `SELECT current_setting('server_version') AS version`,
    );
    return rows[0]!.version.split(' ')[0]!;
  }

  private async rows<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [this.schemas])).rows;
  }
}
