import type { SqlRunner } from '../clusters/cluster.client.js';
import { PUBLICATION, PUBLISHED, WITHHELD } from './published-tables.js';

/** The publication of the primary. */
export class PublicationRepository {
  constructor(private readonly primary: SqlRunner) {}

  /** Settings of the server without which no subscription can begin. */
  async walLevel(): Promise<string> {
    const [row] = await this.primary.rows<{ level: string }>(`SELECT current_setting('wal_level') AS level`);
    return row!.level;
  }

  /** Whether a URL is stored in clear. An earlier version did so, and the desk seals such a URL when it starts. */
  async hasUrlsInClear(): Promise<boolean> {
    const [row] = await this.primary.rows<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM webhook_endpoints WHERE sealed_path IS NULL) AS found`,
    );
    return row!.found;
  }

  /** Tables of the schema that are neither published nor withheld, because a later version has added them. Partitions belong to their table. */
  async unknownTables(): Promise<string[]> {
    const rows = await this.primary.rows<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
         AND c.relname <> ALL ($1::text[]) ORDER BY 1`,
      [[...Object.keys(PUBLISHED), ...Object.keys(WITHHELD)]],
    );
    return rows.map(({ name }) => name);
  }

  /** Creates the publication, or gives an existing one the tables and columns of this version. */
  async publish(): Promise<void> {
    const [{ found } = { found: false }] = await this.primary.rows<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = $1) AS found`,
      [PUBLICATION],
    );
    const tables = await this.tablesWithColumns();
    // Through the parent, so both clusters may have other months as partitions.
    await this.primary.rows(
      found
        ? `ALTER PUBLICATION ${PUBLICATION} SET TABLE ${tables}`
        : `CREATE PUBLICATION ${PUBLICATION} FOR TABLE ${tables} WITH (publish_via_partition_root = true)`,
    );
  }

  /** Whether a slot exists, and whether a subscriber uses it now. */
  async slotState(slot: string): Promise<'absent' | 'active' | 'inactive'> {
    const [row] = await this.primary.rows<{ active: boolean }>(
      `SELECT active FROM pg_replication_slots WHERE slot_name = $1`,
      [slot],
    );
    if (row === undefined) return 'absent';
    return row.active ? 'active' : 'inactive';
  }

  /** Removes the slot of an earlier secondary, which would keep the write-ahead log without end. */
  async dropSlot(slot: string): Promise<void> {
    await this.primary.rows(`SELECT pg_drop_replication_slot($1)`, [slot]);
  }

  private async tablesWithColumns(): Promise<string> {
    const rows = await this.primary.rows<{ table: string; columns: string[] }>(
      `SELECT c.relname AS table, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
       WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY ($1::text[])
       GROUP BY c.relname ORDER BY c.relname`,
      [Object.keys(PUBLISHED)],
    );
    return rows
      .map(({ table, columns }) => {
        const published = columns.filter((column) => !PUBLISHED[table]!.includes(column));
        return `${table} (${published.map((column) => `"${column}"`).join(', ')})`;
      })
      .join(', ');
  }
}
