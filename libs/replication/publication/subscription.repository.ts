import type { SqlRunner } from '../clusters/cluster.client.js';
import { PUBLICATION, PUBLISHED, SLOT, SUBSCRIPTION } from './published-tables.js';

/** The subscription of the secondary. */
export class SubscriptionRepository {
  constructor(private readonly secondary: SqlRunner) {}

  async exists(): Promise<boolean> {
    const [row] = await this.secondary.rows<{ found: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
         WHERE d.datname = current_database() AND s.subname = $1) AS found`,
      [SUBSCRIPTION],
    );
    return row!.found;
  }

  /** The published tables that have rows. A first copy into them would fail or mix two desks. */
  async filledTables(): Promise<string[]> {
    const tables = Object.keys(PUBLISHED);
    const [row] = await this.secondary.rows<Record<string, boolean>>(
      `SELECT ${tables.map((table) => `EXISTS (SELECT FROM ${table}) AS "${table}"`).join(', ')}`,
    );
    return tables.filter((table) => row![table]);
  }

  /** Copies all rows, then follows. It creates the slot on the primary. `origin = none`: rows that came by replication are not sent on. */
  async create(primaryUrl: string): Promise<void> {
    await this.secondary.rows(
      `CREATE SUBSCRIPTION ${SUBSCRIPTION} CONNECTION ${quoted(primaryUrl)} PUBLICATION ${PUBLICATION}
       WITH (slot_name = '${SLOT}', origin = none)`,
    );
  }

  /** Copies tables that the publication has gained. */
  async refresh(): Promise<void> {
    await this.secondary.rows(`ALTER SUBSCRIPTION ${SUBSCRIPTION} REFRESH PUBLICATION`);
  }

  async setEnabled(enabled: boolean): Promise<void> {
    await this.secondary.rows(`ALTER SUBSCRIPTION ${SUBSCRIPTION} ${enabled ? 'ENABLE' : 'DISABLE'}`);
  }

  /** Makes the apply worker leave out the transaction that ends at this position. */
  async skip(lsn: string): Promise<void> {
    await this.secondary.rows(`ALTER SUBSCRIPTION ${SUBSCRIPTION} SKIP (lsn = ${quoted(lsn)})`);
  }

  /** Ends the subscription. @param withSlot also removes the slot on the primary, which must answer */
  async drop(withSlot: boolean): Promise<void> {
    await this.setEnabled(false);
    if (!withSlot) await this.secondary.rows(`ALTER SUBSCRIPTION ${SUBSCRIPTION} SET (slot_name = NONE)`);
    await this.secondary.rows(`DROP SUBSCRIPTION ${SUBSCRIPTION}`);
  }

  /** Refuses writes of everyone else in new sessions. The apply worker writes all the same. */
  async freeze(): Promise<void> {
    await this.secondary.rows(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`,
    );
  }

  async unfreeze(): Promise<void> {
    await this.secondary.rows(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$`,
    );
  }

  /** Ends the sessions of clients that began before the database was frozen. Replication goes on. */
  async endSessions(): Promise<void> {
    await this.secondary.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
  }

  /** Whether the database refuses writes by default. */
  async isFrozen(): Promise<boolean> {
    const [row] = await this.secondary.rows<{ frozen: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_db_role_setting r JOIN pg_database d ON d.oid = r.setdatabase
         WHERE d.datname = current_database() AND r.setrole = 0 AND 'default_transaction_read_only=on' = ANY (r.setconfig)) AS frozen`,
    );
    return row!.frozen;
  }

  /** Applied migrations with their checksums, in order. */
  async migrations(): Promise<string[]> {
    const rows = await this.secondary.rows<{ name: string }>(
      `SELECT name || ' ' || coalesce(checksum, '') AS name FROM migrations ORDER BY "timestamp"`,
    );
    return rows.map(({ name }) => name);
  }
}

/** A text as an SQL literal. Utility statements take no parameters. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
