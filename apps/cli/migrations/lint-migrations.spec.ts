import { DataSources, Migrator } from '#database';
import { databaseConfig } from '#database/config';
import { schema } from '../../../migrations/schema.js';
import { lintMigrations, type MigrationSource } from './lint-migrations.js';
import { OWN_RULES } from './own-patterns.js';
import { REPEATABLE_RULE, SQUAWK_RULES } from './squawk.js';

const migration = (sql: readonly string[], more: Partial<MigrationSource> = {}): MigrationSource => ({
  name: 'ChangeThings1766000000099',
  transaction: true,
  accepted: {},
  sql,
  ...more,
});
const rulesOf = async (sql: readonly string[], more: Partial<MigrationSource> = {}) => [
  ...new Set((await lintMigrations([migration(sql, more)])).map(({ rule }) => rule)),
];

/** Each rule with a statement that it finds, and one that does the same without the danger. */
const CASES: readonly [rule: string, dangerous: string, harmless: string][] = [
  [
    'adding-field-with-default',
    'ALTER TABLE alerts ADD COLUMN token uuid DEFAULT gen_random_uuid()',
    `ALTER TABLE alerts ADD COLUMN token text DEFAULT ''`,
  ],
  [
    'adding-foreign-key-constraint',
    'ALTER TABLE alerts ADD CONSTRAINT fk_alerts_user FOREIGN KEY (user_id) REFERENCES users (id)',
    'ALTER TABLE alerts ADD CONSTRAINT fk_alerts_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID',
  ],
  [
    'adding-not-nullable-field',
    'ALTER TABLE alerts ALTER COLUMN title SET NOT NULL',
    'ALTER TABLE alerts ADD CONSTRAINT ck_alerts_title CHECK (title IS NOT NULL) NOT VALID',
  ],
  [
    'adding-required-field',
    'ALTER TABLE alerts ADD COLUMN locale text NOT NULL',
    `ALTER TABLE alerts ADD COLUMN locale text NOT NULL DEFAULT 'en'`,
  ],
  [
    'adding-serial-primary-key-field',
    'ALTER TABLE alerts ADD PRIMARY KEY (id)',
    'ALTER TABLE alerts ADD CONSTRAINT pk_alerts PRIMARY KEY USING INDEX pk_alerts_new',
  ],
  [
    'ban-alter-domain-with-add-constraint',
    `ALTER DOMAIN d ADD CONSTRAINT c CHECK (value <> '')`,
    'ALTER DOMAIN d DROP CONSTRAINT c',
  ],
  [
    'not-in-transaction',
    'CREATE UNIQUE INDEX CONCURRENTLY i ON alerts (title)',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
  ],
  ['ban-create-domain-with-constraint', `CREATE DOMAIN d AS text CHECK (value <> '')`, 'CREATE DOMAIN d AS text'],
  ['ban-drop-column', 'ALTER TABLE alerts DROP COLUMN title', 'ALTER TABLE alerts ALTER COLUMN title DROP DEFAULT'],
  ['ban-drop-database', 'DROP DATABASE desk', 'SELECT 1'],
  ['ban-drop-not-null', 'ALTER TABLE alerts ALTER COLUMN title DROP NOT NULL', 'SELECT 1'],
  ['ban-drop-table', 'DROP TABLE alerts', 'SELECT 1'],
  ['ban-truncate-cascade', 'TRUNCATE alerts CASCADE', 'SELECT 1'],
  ['ban-uncommitted-transaction', 'BEGIN', 'SELECT 1'],
  ['changing-column-type', 'ALTER TABLE alerts ALTER COLUMN position TYPE bigint', 'SELECT 1'],
  [
    'constraint-missing-not-valid',
    'ALTER TABLE alerts ADD CONSTRAINT ck_alerts_count CHECK (count > 0)',
    'ALTER TABLE alerts ADD CONSTRAINT ck_alerts_count CHECK (count > 0) NOT VALID',
  ],
  [
    'disallowed-unique-constraint',
    'ALTER TABLE alerts ADD CONSTRAINT uq_alerts_title UNIQUE (title)',
    'ALTER TABLE alerts ADD CONSTRAINT uq_alerts_title UNIQUE USING INDEX uq_alerts_title_new',
  ],
  ['identifier-too-long', `CREATE TABLE ${'t'.repeat(64)} (id bigint)`, `CREATE TABLE ${'t'.repeat(63)} (id bigint)`],
  ['prefer-timestamp-tz', 'CREATE TABLE t (at timestamp)', 'CREATE TABLE t (at timestamptz)'],
  ['renaming-column', 'ALTER TABLE alerts RENAME COLUMN title TO headline', 'ALTER INDEX a RENAME TO b'],
  ['renaming-table', 'ALTER TABLE alerts RENAME TO notices', 'ALTER INDEX a RENAME TO b'],
  ['require-concurrent-index-creation', 'CREATE INDEX i ON alerts (title)', 'SELECT 1'],
  ['require-concurrent-index-deletion', 'DROP INDEX idx_alerts_open', 'SELECT 1'],
  [
    'require-concurrent-partition-detach',
    'ALTER TABLE trading_events DETACH PARTITION p',
    'ALTER TABLE trading_events DETACH PARTITION p CONCURRENTLY',
  ],
  ['require-concurrent-reindex', 'REINDEX TABLE alerts', 'REINDEX TABLE CONCURRENTLY alerts'],
  ['syntax-error', 'ALTER TABEL alerts', 'SELECT 1'],
  ['transaction-nesting', 'COMMIT', 'SELECT 1'],
  [
    'update-every-row',
    `UPDATE alerts SET title = 'WHERE' -- WHERE`,
    'UPDATE alerts SET count = 0 WHERE count IS NULL AND id = ANY ($1)',
  ],
  ['delete-every-row', 'WITH old AS (SELECT 1)\n DELETE FROM alerts', 'DELETE FROM alerts WHERE count = 0'],
  ['truncate-table', 'TRUNCATE TABLE alerts', 'SELECT truncate_table()'],
  ['drop-schema', 'DROP SCHEMA desk CASCADE', 'CREATE SCHEMA desk'],
  ['lock-table', 'LOCK TABLE alerts IN SHARE MODE', 'SELECT lock_table()'],
  ['rewrite-table', 'ALTER TABLE alerts SET UNLOGGED', 'ALTER TABLE alerts SET (fillfactor = 40)'],
  ['refresh-view', 'REFRESH MATERIALIZED VIEW totals', 'REFRESH MATERIALIZED VIEW CONCURRENTLY totals'],
  ['hidden-statement', `DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'alerts'; END $$`, `SELECT 'DO $$ BEGIN END $$'`],
];

describe('the check of dangerous migrations', () => {
  it.each(CASES)('finds %s, and not in a harmless statement', async (rule, dangerous, harmless) => {
    expect(await rulesOf([dangerous])).toContain(rule);
    expect(await rulesOf([harmless])).not.toContain(rule);
  });

  it('every rule of the check has a statement that it finds', () => {
    const known = [...SQUAWK_RULES, ...OWN_RULES].sort();
    expect(CASES.map(([rule]) => rule).sort()).toEqual(known);
  });

  it('VACUUM FULL and CLUSTER are found as rewrites of the table, and other VACUUMs are not', async () => {
    const alone = { transaction: false };
    expect(await rulesOf(['VACUUM (FULL) alerts'], alone)).toContain('rewrite-table');
    expect(await rulesOf(['CLUSTER alerts'], alone)).toContain('rewrite-table');
    expect(await rulesOf(['VACUUM ANALYZE alerts'], alone)).not.toContain('rewrite-table');
  });

  it('a statement on a table that the migration itself creates is harmless', async () => {
    const table = 'CREATE TABLE notes (id bigint PRIMARY KEY, user_id uuid)';
    const index = 'CREATE INDEX idx_notes_user ON notes (user_id)';
    expect(await rulesOf([table, index])).toEqual([]);
    expect(await rulesOf([index])).toEqual(['require-concurrent-index-creation']);
  });

  it('a migration without a transaction has to be repeatable, and may create an index concurrently', async () => {
    const create = (exists: string) => `CREATE INDEX CONCURRENTLY ${exists} idx_alerts_title ON alerts (title)`;
    expect(await rulesOf([create('')], { transaction: false })).toEqual([REPEATABLE_RULE]);
    expect(await rulesOf([create('IF NOT EXISTS')], { transaction: false })).toEqual([]);
    for (const sql of [create('IF NOT EXISTS'), 'DROP INDEX CONCURRENTLY IF EXISTS i', 'VACUUM alerts'])
      expect(await rulesOf([sql])).toContain('not-in-transaction');
  });

  it('a comment of squawk hides no finding', async () => {
    expect(await rulesOf(['-- squawk-ignore ban-drop-table\nDROP TABLE alerts'])).toContain('ban-drop-table');
  });

  it('a finding names the statement, also after one of several lines', async () => {
    const sql = ['CREATE TABLE notes (\n  id bigint,\n  text text\n)', '\nDROP TABLE alerts', 'SELECT 1'];
    expect(await lintMigrations([migration(sql)])).toMatchObject([
      { rule: 'ban-drop-table', statement: 'DROP TABLE alerts' },
    ]);
  });

  it('each of many migrations has its own findings, with a transaction or without, in their order', async () => {
    const index = 'CREATE INDEX CONCURRENTLY idx_alerts_title ON alerts (title)';
    const many = Array.from({ length: 12 }, (_, at) =>
      migration([`CREATE TABLE t${at} (id bigint)`, at % 2 === 0 ? `ALTER TABLE old${at} RENAME TO new${at}` : index], {
        name: `Migration${at}`,
        transaction: at % 2 === 0,
      }),
    );
    const found = (await lintMigrations(many)).map(({ migration, rule, statement }) => [migration, rule, statement]);
    expect(found.filter(([, rule]) => rule === 'renaming-table' || rule === REPEATABLE_RULE)).toEqual(
      many.flatMap(({ name, sql, transaction }) =>
        transaction ? [[name, 'renaming-table', sql[1]]] : sql.map((statement) => [name, REPEATABLE_RULE, statement]),
      ),
    );
    expect(await lintMigrations([])).toEqual([]);
  });

  it('a pattern is accepted by its name with a reason, and no other pattern with it', async () => {
    const sql = ['DROP TABLE alerts', 'ALTER TABLE users DROP COLUMN locale'];
    const accepted = { 'ban-drop-table': 'No version reads it since 0.4.' };
    expect((await lintMigrations([migration(sql, { accepted })])).map((one) => [one.rule, one.accepted])).toEqual([
      ['ban-drop-table', 'No version reads it since 0.4.'],
      ['ban-drop-column', null],
    ]);
  });

  it.each([
    ['a pattern that does not exist', { 'ban-dorp-table': 'No version reads it.' }, 'is no pattern of this check'],
    ['a pattern that the migration does not have', { 'renaming-table': 'No version reads it.' }, 'does not have'],
    ['a pattern without a reason', { 'ban-drop-table': ' ok ' }, 'gives no reason'],
  ])('an acceptance of %s is refused', async (_what, accepted, message) => {
    const findings = await lintMigrations([migration(['DROP TABLE alerts'], { accepted })]);
    expect(findings).toContainEqual(
      expect.objectContaining({ rule: 'wrong-acceptance', accepted: null, message: expect.stringContaining(message) }),
    );
  });

  it('a migration without SQL is refused', async () => {
    expect(await rulesOf([''])).toEqual(['empty-migration']);
  });
});

describe('the migrations of the desk', () => {
  const config = databaseConfig.read({});
  const migrator = new Migrator(new DataSources(config, schema), config);

  it('the migrations of the desk have no dangerous pattern that is not accepted by name', async () => {
    const findings = await lintMigrations(await migrator.recorded());
    expect(findings.filter(({ accepted }) => accepted === null)).toEqual([]);
    expect(findings.length).toBeGreaterThan(0);
  });
});
