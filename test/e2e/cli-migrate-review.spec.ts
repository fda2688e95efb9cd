import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createMigration } from '../../apps/cli/migrations/new-migration.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { CommandLine, type CommandRun } from './command-line.fixture.js';

let folder: CommandLine;
let database: TestDatabase;

beforeEach(() => {
  folder = new CommandLine();
});
afterEach(() => folder.remove());

const migrate = (...args: string[]): CommandRun => folder.run(['migrate', ...args], { DATABASE_URL: database.url });

async function sql(statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

describe('migrate plan', () => {
  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());

  it('a plan is the same file each time, and migrate up --plan applies it and nothing else', async () => {
    for (const name of ['one.sql', 'two.sql']) expect(await migrate('plan', '--output', name).exit).toBe(2);
    const plan = readFileSync(join(folder.home, 'one.sql'), 'utf8');
    expect(plan).toBe(readFileSync(join(folder.home, 'two.sql'), 'utf8'));
    expect(plan).toMatch(/^-- Plan of .*\n-- sha256 [0-9a-f]{64}\n-- pending: \d+\n/);
    expect(plan).toContain('-- CreateUsers1766000000002 (in one transaction)\n');
    expect(plan).toContain('CREATE TABLE users');

    writeFileSync(join(folder.home, 'edited.sql'), plan.replace('CREATE TABLE users', 'CREATE TABLE usres'));
    for (const file of ['edited.sql', 'absent.sql']) {
      const refused = migrate('up', '--plan', file);
      expect(await refused.exit).toBe(file === 'absent.sql' ? 64 : 3);
      expect(refused.stderr).toContain(file);
    }
    expect(await migrate('status').exit).toBe(2);
    expect(await migrate('up', '--plan', 'one.sql').exit).toBe(0);
    // What was reviewed has been applied: the same plan is not pending any more.
    const late = migrate('up', '--plan', 'one.sql');
    expect(await late.exit).toBe(3);
    expect(late.stderr).toContain('pending are no migrations');
    expect(await migrate('plan', '--output', 'none.sql').exit).toBe(0);
    expect(readFileSync(join(folder.home, 'none.sql'), 'utf8')).toContain('-- pending: 0');
  });

  it('a plan of a database with an edited or unknown migration is refused with exit code 3', async () => {
    expect(await migrate('up').exit).toBe(0);
    await sql(`UPDATE migrations SET checksum = 'another' WHERE name LIKE 'CreateUsers%'`);
    for (const name of ['plan', 'check']) expect(await migrate(name).exit).toBe(3);
  });

  it('a migration that waits for a table lock gives up with exit code 4 and changes nothing', async () => {
    expect(await migrate('up').exit).toBe(0);
    expect(await migrate('down', '--steps', '1').exit).toBe(0);
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    try {
      const { rows } = await holder.query(`SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`);
      await holder.query(
        `BEGIN; LOCK TABLE ${rows
          .map(({ tablename }) => `"${tablename}"`)
          .filter((name) => name !== '"migrations"')
          .join(', ')}`,
      );
      const waiting = migrate('up', '--lock-timeout', '300ms');
      expect(await waiting.exit).toBe(4);
      expect(waiting.stderr).toContain('within 300 ms. It changed nothing');
      await holder.query('ROLLBACK');
      expect(await migrate('status').exit).toBe(2);
      expect(await migrate('up').exit).toBe(0);
    } finally {
      await holder.end();
    }
  });
});

describe('migrate check', () => {
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it('migrate check exits with 3 and names each object that differs, also one that no entity describes', async () => {
    const before = migrate('check');
    expect([await before.exit, before.stdout]).toEqual([0, 'The schema matches the entities and the migrations.\n']);
    for (const change of [
      'CREATE TABLE left_by_hand (id bigint)',
      'DROP INDEX idx_trading_sessions_active_user',
      'CREATE INDEX by_hand ON users (display_name)',
      'CREATE OR REPLACE FUNCTION note_alert_rule_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$',
      'ALTER TABLE alert_rules DISABLE TRIGGER alert_rules_note_change',
      `ALTER TABLE quotes ALTER COLUMN kind SET DEFAULT 'mark'`,
      'ALTER TABLE quotes DROP CONSTRAINT ck_quotes_kind',
      'ALTER TABLE quotes SET UNLOGGED',
    ])
      await sql(change);
    const checked = migrate('check', '--json');
    expect(await checked.exit).toBe(3);
    const { differences } = JSON.parse(checked.stdout) as { differences: Record<string, string | null>[] };
    const kinds = differences.map(
      ({ object, expected, found }) =>
        `${object}: ${expected === null ? 'unexpected' : found === null ? 'missing' : 'different'}`,
    );
    expect(kinds).toEqual([
      'column left_by_hand.id: unexpected',
      'column quotes.kind: different',
      'constraint ck_quotes_kind on quotes: missing',
      'function note_alert_rule_change(): different',
      'index by_hand on users: unexpected',
      'index idx_trading_sessions_active_user on trading_sessions: missing',
      'table left_by_hand: unexpected',
      'table quotes: different',
      'trigger alert_rules_note_change on alert_rules: different',
    ]);
    const words = migrate('check');
    expect(await words.exit).toBe(3);
    expect(words.stdout).toContain(
      'index by_hand on users is unexpected: CREATE INDEX by_hand ON users USING btree (display_name)',
    );
    expect(words.stdout).toContain(
      `column quotes.kind is text not null default 'mark'::text, expected text not null default 'last'::text`,
    );
  });

  it('migrate check ignores partitions and settings of autovacuum, and leaves no trace', async () => {
    await sql(`ALTER TABLE quotes SET (autovacuum_vacuum_scale_factor = 0.01)`);
    await sql(
      `CREATE TABLE portfolio_history_p PARTITION OF portfolio_history FOR VALUES FROM ('2040-01-01') TO ('2040-02-01')`,
    );
    expect(await migrate('check').exit).toBe(0);
    const { rows } = await sql(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'deskwire%'`);
    expect(rows).toEqual([]);
  });
});

describe('migrate lint and create', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'deskwire-create-'));
    mkdirSync(join(root, 'migrations'));
    for (const file of readdirSync('migrations').filter((name) => /^index|^17/.test(name)))
      cpSync(join('migrations', file), join(root, 'migrations', file));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('migrate lint needs no database, passes for this version, and exits with 64 for a name that does not exist', async () => {
    const linted = folder.run(['migrate', 'lint']);
    expect([await linted.exit, linted.stderr]).toEqual([0, '']);
    expect(linted.stdout).toMatch(/accepted {2}RenameReleasesToImports1766000000016 {2}renaming-table: /);
    expect(linted.stdout).toMatch(/\d+ migrations: 0 findings, \d+ accepted\.\n$/);
    expect(await folder.run(['migrate', 'lint', 'CreateUsers1766000000002', '--json']).json()).toEqual([]);
    expect(await folder.run(['migrate', 'lint', 'Unknown1']).exit).toBe(64);
  });

  it('a created migration is the newest, is listed in the index, and is refused twice or with another form of name', () => {
    const newest = readdirSync(join(root, 'migrations'))
      .filter((name) => /^\d/.test(name))
      .sort()
      .at(-1)!;
    const path = createMigration(root, 'add-user-locale', 0);
    expect(path).toBe(`migrations/${Number(newest.slice(0, 13)) + 1}-add-user-locale.ts`);
    const later = createMigration(root, 'drop-user-locale2', 1_899_999_999_999);
    expect(later).toBe('migrations/1899999999999-drop-user-locale2.ts');
    const index = readFileSync(join(root, 'migrations/index.ts'), 'utf8');
    expect(index).toContain(`import { DropUserLocale21899999999999 } from './1899999999999-drop-user-locale2.js';`);
    expect(index).toMatch(/ {2}AddUserLocale\d{13},\n {2}DropUserLocale21899999999999,\n\];\n$/);
    expect(readFileSync(join(root, later), 'utf8')).toContain(`readonly name = 'DropUserLocale21899999999999';`);
    for (const name of ['add-user-locale', 'AddLocale', 'locale', 'add_locale', '../x-y', `a-${'b'.repeat(60)}`])
      expect(() => createMigration(root, name, 0)).toThrow(expect.objectContaining({ exitCode: 64 }));
    expect(() => createMigration(join(root, 'migrations'), 'add-x', 0)).toThrow('Run this in the folder of a checkout');
  });
});
