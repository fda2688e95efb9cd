import { createHash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The statements a migration would run, without running them: migrations are constant SQL, so this is the whole truth. */
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

/** SHA-256 of what `up` runs, white space folded: reformatting is no edit, changing a column is. */
export async function checksum(migration: MigrationInterface): Promise<string> {
  const sql = await recordSql(migration, 'up');
  return createHash('sha256')
    .update(sql.map((statement) => statement.replace(/\s+/g, ' ')).join(';\n'))
    .digest('hex');
}
