import pg from 'pg';
import type { DataSources } from '#database';

/** Maximum time for the connection and for each answer, in ms. */
const TIMEOUT_MS = 10_000;

export interface ServerState {
  version: string;
  /** Time of one round trip, in ms. */
  answerMs: number;
  /** New sessions cannot write: a standby, or default_transaction_read_only. */
  readOnly: boolean;
  /** Pages whose checksum was wrong when they were read, since the statistics were reset. */
  damagedPages: number;
  /** Indexes that a failed CREATE INDEX CONCURRENTLY has left, and constraints that were never validated. */
  unsound: string[];
}

/** Asks PostgreSQL itself for its state, on a connection apart from the processes of the desk. */
export class ServerStateRepository {
  constructor(private readonly sources: DataSources) {}

  /** @throws pg's error if the server cannot be reached */
  async read(): Promise<ServerState> {
    const client = new pg.Client({
      ...this.sources.connection('init'),
      application_name: 'deskwire-verify',
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const began = performance.now();
      await client.query('SELECT 1');
      const answerMs = Math.round(performance.now() - began);
      const { rows } = await client.query<Omit<ServerState, 'answerMs'>>(
        `SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
           current_setting('transaction_read_only') = 'on' AS "readOnly",
           coalesce((SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()), 0)::int AS "damagedPages",
           ARRAY(SELECT 'index ' || indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid
             UNION ALL SELECT 'constraint ' || conname::text FROM pg_constraint WHERE NOT convalidated ORDER BY 1) AS unsound`,
      );
      return { ...rows[0]!, answerMs };
    } finally {
      await client.end();
    }
  }
}
