import { createHash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Returns the statements of a migration without running them. Migrations are constant SQL, so the list is complete. */
export async function recordSql(migration: MigrationInterface, direction: 'up' | 'down'): Promise<string[]> {
  const statements: string[] = [];
  const recorder = new Proxy({} as QueryRunner, {
    get: (_target, name) => {
      if (name === 'then') return undefined;
      if (name !== 'query')
        throw new Error(
          `Migration ${migration.constructor.name} uses queryRunner.${String(name)}; only query(sql) can be planned and checksummed.`,
        );
      return (sql: string) => {
        statements.push(sql.trim());
        return Promise.resolve([]);
      };
    },
  });
  await migration[direction](recorder);
  return statements;
}

/** SHA-256 of the SQL of `up` with white space folded, so that reformatting does not change it. */
export async function checksum(migration: MigrationInterface): Promise<string> {
  const sql = await recordSql(migration, 'up');
  return createHash('sha256')
    .update(sql.map((statement) => statement.replace(/\s+/g, ' ')).join(';\n'))
    .digest('hex');
}
