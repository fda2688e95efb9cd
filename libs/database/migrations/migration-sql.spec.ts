import type { MigrationInterface, QueryRunner } from 'typeorm';
import { checksum, recordSql } from './migration-sql.js';

const migration = (...statements: string[]): MigrationInterface => ({
  up: async (runner: QueryRunner) => {
    for (const sql of statements) await runner.query(sql);
  },
  down: async (runner: QueryRunner) => void (await runner.query('DROP TABLE t')),
});

describe('the SQL of a migration', () => {
  it('the SQL of a migration is recorded in order and not run', async () => {
    const one = migration('CREATE TABLE t (a int)', '  CREATE INDEX i ON t (a)\n');
    expect(await recordSql(one, 'up')).toEqual(['CREATE TABLE t (a int)', 'CREATE INDEX i ON t (a)']);
    expect(await recordSql(one, 'down')).toEqual(['DROP TABLE t']);
  });

  it.each(['createTable', 'manager', 'connection', 'hasTable'])(
    'is refused when it uses %s, which cannot be planned',
    async (member) => {
      class UsesMore {
        name = 'UsesMore1766000000099';
        async up(runner: QueryRunner) {
          await (runner as unknown as Record<string, () => Promise<void>>)[member]!();
        }
        async down() {}
      }
      await expect(recordSql(new UsesMore(), 'up')).rejects.toThrow(`UsesMore uses queryRunner.${member}`);
    },
  );

  it('the SQL of a migration keeps its checksum when it is reformatted', async () => {
    expect(await checksum(migration('CREATE TABLE t (\n    a int,\n\tb text\n  )'))).toBe(
      await checksum(migration('CREATE TABLE t ( a int, b text )')),
    );
  });

  it.each([
    ['a column', migration('CREATE TABLE t (a bigint)', 'SELECT 1')],
    ['the order', migration('SELECT 1', 'CREATE TABLE t (a int)')],
    ['what is left out', migration('CREATE TABLE t (a int)')],
  ])('changes its checksum with %s', async (_what, edited) => {
    expect(await checksum(edited)).not.toBe(await checksum(migration('CREATE TABLE t (a int)', 'SELECT 1')));
  });
});
