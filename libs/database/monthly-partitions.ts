import { firstUuidFrom } from '#ids';
import { AdvisoryKey, LOCK_CLASS } from './advisory-lock.js';
import type { Database } from './database.js';
import type { Transactions } from './transactions/transactions.js';

/** A table partitioned BY RANGE of one column, with a default partition `<table>_default` and one partition per UTC month. */
export interface MonthlyPartitions {
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

/**
 * Creates missing partitions and moves their rows out of the default partition. Safe to repeat and to run in several
 * processes at once: an advisory lock serializes them, and the later ones find all partitions.
 * @returns the names of the created partitions
 */
export async function ensureMonthlyPartitions(
  database: Database,
  transactions: Transactions,
  partitions: MonthlyPartitions,
  now: Date,
): Promise<string[]> {
  const made: string[] = [];
  for (const month of monthsAround(now, partitions)) {
    if (await exists(database, month.name)) continue;
    await transactions.atomic(async () => {
      await database.rows(`SELECT pg_advisory_xact_lock($1::int, $2::int)`, [LOCK_CLASS, AdvisoryKey.partitions]);
      if (await exists(database, month.name)) return;
      await attach(database, partitions, month);
      made.push(month.name);
    });
  }
  return made;
}

/** The months' partitions and their bounds, oldest first. */
export function monthsAround(now: Date, { table, key, before = 1, after = 3 }: MonthlyPartitions): Month[] {
  const bound = (date: Date): string => (key === 'uuid' ? firstUuidFrom(date.toISOString()) : date.toISOString());
  return Array.from({ length: before + 1 + after }, (_, step) => {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - before + step));
    const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1));
    return { name: `${table}_${from.toISOString().slice(0, 7).replace('-', '_')}`, from: bound(from), to: bound(to) };
  });
}

/**
 * CREATE .. PARTITION OF would lock the parent in ACCESS EXCLUSIVE mode and block every reader. Creating a table and attaching
 * it locks the default partition only, which is nearly empty. Its rows of that month are moved first, because ATTACH refuses
 * while there are any. Writers wait at the parent for these few ms: a row already on its way to the default partition would
 * fail there (23514) once the month is attached.
 */
async function attach(
  database: Database,
  { table, column }: MonthlyPartitions,
  { name, from, to }: Month,
): Promise<void> {
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
