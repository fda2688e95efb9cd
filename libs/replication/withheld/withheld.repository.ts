import { BEGIN_EPOCH_SQL } from '#changes';
import type { SqlRunner } from '../clusters/cluster.client.js';

/** A part of what is withheld: columns of a published table, or a whole table. */
interface WithheldPart {
  table: string;
  /** Withheld columns. Undefined: whole rows. */
  columns?: readonly string[];
  /** Further columns that must be unchanged since the export. A password or an address that has changed must not return. */
  same: readonly string[];
  /** Which rows have something to export, and which may take it. `t` is the row. */
  where: string;
}

/** A row of an export as JSON. */
export type WithheldRow = Record<string, unknown>;

/** What a promoted region needs. Logins, refresh tokens and used idempotency keys are left behind. */
const PARTS: readonly WithheldPart[] = [
  { table: 'users', columns: ['password_hash'], same: ['updated_at'], where: 'true' },
  { table: 'api_keys', columns: ['key_hash'], same: ['prefix'], where: 't.revoked_at IS NULL' },
  {
    table: 'trading_sessions',
    columns: ['access_token_sealed', 'token_fingerprint'],
    same: ['token_epoch'],
    where: 't.is_active',
  },
  {
    table: 'webhook_endpoints',
    columns: ['sealed_headers', 'sealed_path'],
    same: ['url', 'updated_at'],
    where: 'true',
  },
  {
    table: 'webhook_secrets',
    same: [],
    where: 'EXISTS (SELECT FROM webhook_endpoints e WHERE e.id = t.endpoint_id AND e.sealed_path IS NOT NULL)',
  },
];

/** The tables with something to export, in the order in which they are loaded. */
export const WITHHELD_PARTS: readonly string[] = PARTS.map(({ table }) => table);

/** Reads and writes what replication withholds. Values that are sealed stay so. */
export class WithheldRepository {
  constructor(private readonly cluster: SqlRunner) {}

  /** The next rows after an id, in id order. */
  async rowsAfter(table: string, id: string | undefined, limit: number): Promise<WithheldRow[]> {
    const { columns, same, where } = partOf(table);
    const list = columns ? ['id', ...columns, ...same].map((column) => `t.${column}`).join(', ') : 't.*';
    const rows = await this.cluster.rows<{ row: WithheldRow }>(
      `SELECT to_jsonb(r) AS row FROM (SELECT ${list} FROM ${table} t
       WHERE ($1::uuid IS NULL OR t.id > $1) AND ${where} ORDER BY t.id LIMIT $2) r`,
      [id ?? null, limit],
    );
    return rows.map(({ row }) => row);
  }

  /** Loads rows where the published part of the row is still that of the export. @returns the number of rows that took theirs */
  async load(table: string, rows: readonly WithheldRow[]): Promise<number> {
    const { columns, same, where } = partOf(table);
    const source = `jsonb_populate_recordset(NULL::${table}, $1::jsonb)`;
    const loaded = columns
      ? `UPDATE ${table} t SET ${columns.map((column) => `${column} = r.${column}`).join(', ')} FROM ${source} r
         WHERE t.id = r.id AND ${where} ${same.map((column) => `AND t.${column} = r.${column}`).join(' ')} RETURNING t.id`
      : `INSERT INTO ${table} SELECT t.* FROM ${source} t WHERE ${where}
         ON CONFLICT (id) DO NOTHING RETURNING id`;
    return (await this.cluster.rows(loaded, [JSON.stringify(rows)])).length;
  }

  /** Makes running processes read everything again. The loaded rows are not listed in the change feed. */
  async announce(): Promise<void> {
    await this.cluster.rows(BEGIN_EPOCH_SQL);
  }
}

function partOf(table: string): WithheldPart {
  const part = PARTS.find((one) => one.table === table);
  if (part === undefined) throw new Error(`Nothing of ${table} is withheld and exported.`);
  return part;
}
