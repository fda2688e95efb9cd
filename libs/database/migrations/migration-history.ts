import type { QueryRunner } from 'typeorm';

export interface AppliedMigration {
  checksum: string | null;
  appliedAt: string | null;
}

/** The table of applied migrations: the columns of TypeORM, so that its CLI can read it, and a checksum and a time. */
export class MigrationHistory {
  constructor(private readonly runner: QueryRunner) {}

  async create(): Promise<void> {
    await this.runner.query(`CREATE TABLE IF NOT EXISTS migrations (
      id serial CONSTRAINT pk_migrations PRIMARY KEY,
      "timestamp" bigint NOT NULL,
      name varchar NOT NULL CONSTRAINT uq_migrations_name UNIQUE,
      checksum text,
      applied_at timestamptz DEFAULT now()
    )`);
  }

  /** Returns applied migrations by name, and none if the table does not exist yet. */
  async read(): Promise<Map<string, AppliedMigration>> {
    const [{ present }] = await this.runner.query(`SELECT to_regclass('migrations') IS NOT NULL AS present`);
    if (!present) return new Map();
    const rows: { name: string; checksum: string | null; applied_at: Date | null }[] = await this.runner.query(
      'SELECT name, checksum, applied_at FROM migrations ORDER BY "timestamp"',
    );
    return new Map(
      rows.map((row) => [row.name, { checksum: row.checksum, appliedAt: row.applied_at?.toISOString() ?? null }]),
    );
  }

  async add(name: string, checksum: string): Promise<void> {
    await this.runner.query('INSERT INTO migrations ("timestamp", name, checksum) VALUES ($1, $2, $3)', [
      name.slice(-13),
      name,
      checksum,
    ]);
  }

  async remove(name: string): Promise<void> {
    await this.runner.query('DELETE FROM migrations WHERE name = $1', [name]);
  }
}
