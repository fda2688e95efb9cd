import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DeskHome } from '../../../apps/cli/home/desk-home.js';
import { EmbeddedPostgres } from '../../../apps/cli/postgres/embedded-postgres.js';
import { prepareServer } from '../../setup/prepared-server.js';

/** A new PostgreSQL with an empty database, apart from the server of the other tests. */
export class EmptyCluster {
  private readonly folder = mkdtempSync(join(tmpdir(), 'deskwire-restore-'));
  private readonly postgres = new EmbeddedPostgres(DeskHome.of({ DESKWIRE_HOME: this.folder }));
  url = '';

  async start(): Promise<this> {
    await prepareServer(this.folder, 'empty');
    ({ url: this.url } = await this.postgres.start());
    return this;
  }

  async remove(): Promise<void> {
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

export async function rowsOf<Row extends pg.QueryResultRow = any>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Columns that a restore renews, as SQL of jsonb keys. */
const RENEWED = `'xid', 'claim_xid'`;

/** For each table the number of its rows and a hash of all of them, without the ids of transactions. */
export async function contentOf(url: string): Promise<Record<string, { rows: number; hash: string | null }>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ table: string }>(
      `SELECT c.oid::regclass::text AS table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('public', 'graphile_worker') ORDER BY 1`,
    );
    const found: Record<string, { rows: number; hash: string | null }> = {};
    for (const { table } of tables) {
      const { rows } = await client.query<{ rows: number; hash: string | null }>(
        `SELECT count(*)::int AS rows, md5(string_agg(line, E'\\n' ORDER BY line)) AS hash
         FROM (SELECT (to_jsonb(t) - ARRAY[${RENEWED}])::text AS line FROM ${table} t) lines`,
      );
      found[table] = rows[0]!;
    }
    return found;
  } finally {
    await client.end();
  }
}

/** Keys of a desk in production. */
export const KEYS = {
  JWT_SECRET_KEY: 'test-only-jwt-secret-of-more-than-32-bytes',
  SESSIONS_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
  WEBHOOK_ENCRYPTION_KEY: 'ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100',
};

/** The body of a bulk of one snapshot. */
export function snapshotNamed(portfolioId: string) {
  const rest = { broker: 'zerodha', account: portfolioId, currency: 'INR', cash: '1.00', positions: [] };
  return { snapshots: [{ ...rest, portfolioId, asOf: new Date().toISOString() }] };
}
