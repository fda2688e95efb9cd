import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DataSources } from '#database';

/** Pause between two looks at sessions that are busy, in ms. */
const LOOK_AGAIN_MS = 50;

export interface ReadOnlyState {
  /** The database refuses writes of new sessions. */
  readOnly: boolean;
  /** `setting`: default_transaction_read_only of the database. `standby`: the server is one. */
  reason: 'setting' | 'standby' | null;
}

export interface ReadOnlyChange extends ReadOnlyState {
  /** Sessions that were ended between two transactions, because they had the former mode. */
  ended: number;
  /** Sessions that were ended during a transaction, because it took too long. */
  interrupted: number;
}

/** Makes the database refuse writes, and accept them again, for all processes of the desk and without their restart. */
export class ReadOnlyModeRepository {
  constructor(private readonly sources: DataSources) {}

  state(): Promise<ReadOnlyState> {
    return this.connected((client) => stateOf(client));
  }

  /**
   * Changes the setting of the database, which sessions read when they begin. Then ends the older sessions, each between
   * two transactions, so that running writes are committed. Pools replace such a session without an error.
   * @param patienceMs after this time sessions are ended within their transaction, which is rolled back
   */
  set(readOnly: boolean, patienceMs: number): Promise<ReadOnlyChange> {
    return this.connected(async (client) => {
      const { rows } = await client.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
      const database = rows[0]!.name;
      await client.query(
        readOnly
          ? `ALTER DATABASE ${database} SET default_transaction_read_only = on`
          : `ALTER DATABASE ${database} RESET default_transaction_read_only`,
      );
      const { rows: times } = await client.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
      const since = times[0]!.now;
      const until = performance.now() + patienceMs;
      // One that takes its time to end is seen again.
      const seen = { ended: new Set<number>(), interrupted: new Set<number>() };
      for (;;) {
        const late = performance.now() > until;
        const { rows: sessions } = await client.query<{ pid: number; idle: boolean; gone: boolean }>(END_OLDER, [
          since,
          late,
        ]);
        if (sessions.length === 0) break;
        for (const { pid, idle, gone } of sessions)
          if (gone && !seen.ended.has(pid) && !seen.interrupted.has(pid)) seen[idle ? 'ended' : 'interrupted'].add(pid);
        await sleep(LOOK_AGAIN_MS);
      }
      return { ...(await stateOf(client)), ended: seen.ended.size, interrupted: seen.interrupted.size };
    });
  }

  private async connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ ...this.sources.connection('init'), application_name: 'deskwire-read-only' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      // ALTER DATABASE is refused in a read-only transaction.
      await client.query('SET default_transaction_read_only = off');
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

/** Lists older sessions and ends those that are idle; $2: all of them. Sessions that never write are left alone. */
const END_OLDER = `
  SELECT s.pid, s.idle, (s.idle OR $2) AND pg_terminate_backend(s.pid) AS gone FROM (
    SELECT pid, state = 'idle' AS idle FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
      AND application_name NOT IN ('deskwire-read-only', 'deskwire-backup', 'deskwire-analytics', 'deskwire-cut') AND backend_start < $1::timestamptz) s`;

async function stateOf(client: pg.Client): Promise<ReadOnlyState> {
  const { rows } = await client.query<{ set: boolean; standby: boolean }>(
    `SELECT pg_is_in_recovery() AS standby, EXISTS (
       SELECT FROM pg_db_role_setting s, unnest(s.setconfig) AS one
       WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND one IN ('default_transaction_read_only=on', 'default_transaction_read_only=true')) AS set`,
  );
  const { set, standby } = rows[0]!;
  return { readOnly: set || standby, reason: standby ? 'standby' : set ? 'setting' : null };
}
