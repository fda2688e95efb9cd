import pg from 'pg';
import { createEmptyDatabase, type TestDatabase } from '../setup/test-database.js';
import { CommandLine, type CommandRun } from './command-line.fixture.js';

/** A line of a stack trace. */
const STACK = /^\s+at .+:\d+:\d+/m;

let folder: CommandLine;

beforeEach(() => {
  folder = new CommandLine();
});
afterEach(() => folder.remove());

describe('migrate', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());

  const migrate = (args: string[], environment: Record<string, string> = {}): CommandRun =>
    folder.run(['migrate', ...args], { DATABASE_URL: database.url, ...environment });

  async function sql(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  it('migrate status and plan exit with 2 while a migration is pending and with 0 after migrate up', async () => {
    const planned = migrate(['plan']);
    expect(await planned.exit).toBe(2);
    expect(planned.stdout).toContain('CREATE TABLE portfolio_snapshots');
    const status = migrate(['status', '--json']);
    expect(await status.exit).toBe(2);
    const states = JSON.parse(status.stdout) as { name: string; state: string }[];
    expect(states.every(({ state }) => state === 'pending')).toBe(true);

    const { applied } = await migrate(['up', '--json']).json<{ applied: string[] }>();
    expect(applied).toEqual(states.map(({ name }) => name));
    expect(await migrate(['status']).exit).toBe(0);
    expect(await migrate(['plan']).exit).toBe(0);
    expect(await migrate(['check']).exit).toBe(0);

    expect((await migrate(['down', '--json']).json<{ undone: string[] }>()).undone).toEqual(applied.slice(-1));
    expect(await migrate(['check']).exit).toBe(2);
    expect(await migrate(['up']).exit).toBe(0);
  });

  it('migrate check exits with 3 and prints the statements when schema and entities differ', async () => {
    await migrate(['up']).exit;
    await sql('ALTER TABLE users ADD COLUMN left_by_hand text');
    const checked = migrate(['check']);
    expect(await checked.exit).toBe(3);
    expect(checked.stdout).toContain('left_by_hand');
  });

  it('migrate up exits with 3 when an applied migration was edited or is unknown', async () => {
    await migrate(['up']).exit;
    await sql(`UPDATE migrations SET checksum = 'another' WHERE name LIKE 'CreateUsers%'`);
    for (const name of ['up', 'status']) {
      const refused = migrate([name]);
      expect(await refused.exit).toBe(3);
      expect(refused.stdout + refused.stderr).toContain('CreateUsers');
    }
    await sql(`UPDATE migrations SET checksum = NULL`);
    await sql(`INSERT INTO migrations ("timestamp", name) VALUES (1999999999999, 'FromTheFuture1999999999999')`);
    const newer = migrate(['up']);
    expect(await newer.exit).toBe(3);
    expect(newer.stderr).toContain('FromTheFuture');
  });

  it('migrate up exits with 4 when another process holds the lock for longer than --lock-timeout', async () => {
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    try {
      await holder.query(`SELECT pg_advisory_lock(${0x6465_736b}, 1)`);
      const waiting = migrate(['up', '--lock-timeout', '200ms']);
      expect(await waiting.exit).toBe(4);
      expect(waiting.stderr).toContain('200 ms');
    } finally {
      await holder.end();
    }
  });

  it('migrate exits with 1 and names the reason when PostgreSQL is unreachable', async () => {
    const failed = migrate(['status'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect(await failed.exit).toBe(1);
    expect(failed.stderr).toContain('cannot be reached');
    expect(failed.stderr).not.toMatch(STACK);
  });

  it('other commands exit with 2 when a migration is pending', async () => {
    const refused = folder.run(['users', 'list'], { DATABASE_URL: database.url });
    expect(await refused.exit).toBe(2);
    expect(refused.stderr).toContain('deskwire migrate up');
  });
});
