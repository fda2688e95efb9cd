import { firstUuidFrom } from '#ids';
import { AdvisoryKey, LOCK_CLASS } from './advisory-lock.js';
import type { Database } from './database.js';
import type { Transactions } from './transactions/transactions.js';

/** A table partitioned BY RANGE of one column, with a default partition `<table>_default` and one partition per UTC month. */
interface MonthlyTable {
  /** The partitioned table; a constant of the code, never input. */
  table: string;
  /** The partition key's column. */
  column: string;
  /** `timestamptz`, or `uuid` for ids that begin with 48 bits of Unix milliseconds (UUIDv7, v8). */
  key: 'timestamptz' | 'uuid';
  /** Months to create before and after the month of `now`. Default: 1 and 3. */
  before?: number;
  after?: number;
}

interface Month {
  name: string;
  from: string;
  to: string;
}

/** The monthly partitions of one table. */
export class MonthlyPartitions {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly of: MonthlyTable,
  ) {}

  /**
   * Creates missing partitions and moves their rows out of the default partition. Safe to repeat and to run in several
   * processes at once: an advisory lock serializes them, and the later ones find all partitions.
   * @returns the names of the created partitions
   */
  async ensure(now: Date): Promise<string[]> {
    const made: string[] = [];
    for (const month of monthsAround(now, this.of)) {
      if (await exists(this.database, month.name)) continue;
      await this.transactions.atomic(async () => {
        await this.lock();
        if (await exists(this.database, month.name)) return;
        await attach(this.database, this.of, month);
        made.push(month.name);
      });
    }
    return made;
  }

  /**
   * Removes rows of months that ended before a time: drops whole partitions, and deletes up to `limit` rows of the default
   * partition. Dropping takes the same time for any number of rows and leaves none to vacuum. It locks the parent, and waits
   * at most a second for that, because everybody else waits behind it.
   * @returns the number of rows removed; of dropped partitions as PostgreSQL estimates it
   */
  async removeOlder(before: Date, limit: number): Promise<number> {
    const { table, column, key } = this.of;
    const old = await this.database.rows<{ name: string; rows: number }>(
      `SELECT c.relname AS name, greatest(c.reltuples, 0)::float8 AS rows FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = $1::text::regclass AND c.relname ~ ('^' || $1::text || '_\\d{4}_\\d{2}$') AND c.relname < $2
       ORDER BY 1`,
      [table, nameOf(table, before)],
    );
    let removed = 0;
    for (const { name, rows } of old) {
      await this.transactions.atomic(async () => {
        await this.database.run(`SET LOCAL lock_timeout = '1s'`);
        await this.lock();
        await this.database.run(`DROP TABLE IF EXISTS ${name}`);
      });
      removed += rows;
    }
    const first = boundOf(key, new Date(Date.UTC(before.getUTCFullYear(), before.getUTCMonth())));
    const strays = await this.database.run(
      `DELETE FROM ${table}_default WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table}_default WHERE ${column} < '${first}' LIMIT $1 FOR UPDATE SKIP LOCKED))`,
      [limit],
    );
    return removed + strays;
  }

  private async lock(): Promise<void> {
    await this.database.rows(`SELECT pg_advisory_xact_lock($1::int, $2::int)`, [LOCK_CLASS, AdvisoryKey.partitions]);
  }
}

/** The months' partitions and their bounds, oldest first. */
export function monthsAround(now: Date, { table, key, before = 1, after = 3 }: MonthlyTable): Month[] {
  return Array.from({ length: before + 1 + after }, (_, step) => {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - before + step));
    const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1));
    return { name: nameOf(table, from), from: boundOf(key, from), to: boundOf(key, to) };
  });
}

function nameOf(table: string, month: Date): string {
  return `${table}_${month.toISOString().slice(0, 7).replace('-', '_')}`;
}

function boundOf(key: MonthlyTable['key'], date: Date): string {
  return key === 'uuid' ? firstUuidFrom(date.toISOString()) : date.toISOString();
}

/**
 * CREATE .. PARTITION OF would lock the parent in ACCESS EXCLUSIVE mode and block every reader. Creating a table and attaching
 * it locks the default partition only, which is nearly empty. Its rows of that month are moved first, because ATTACH refuses
 * while there are any. Writers wait at the parent for these few ms: a row already on its way to the default partition would
 * fail there (23514) once the month is attached.
 */
async function attach(database: Database, { table, column }: MonthlyTable, { name, from, to }: Month): Promise<void> {
  await database.run(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`);
  await database.run(`CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL)`);
  await database.run(`LOCK TABLE ${table}_default IN ACCESS EXCLUSIVE MODE`);
  await database.run(
    `WITH strays AS (DELETE FROM ${table}_default WHERE ${column} >= '${from}' AND ${column} < '${to}' RETURNING *)
     INSERT INTO ${name} SELECT * FROM strays`,
  );
  await database.run(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
}

/** Reads pg_class instead of to_regclass(), whose cache of names is not refreshed by a wait for an advisory lock. */
async function exists(database: Database, name: string): Promise<boolean> {
  const [row] = await database.rows<{ present: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_class WHERE relname = $1 AND relnamespace = current_schema()::regnamespace) AS present`,
    [name],
  );
  return row!.present;
}
