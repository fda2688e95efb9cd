import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import pg from 'pg';
import { createSealer } from '#sealing';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { buildIfStale, DeskFolder, type DeskProcess } from './desk-process.fixture.js';

jest.setTimeout(60_000);

/** A line of a stack trace. */
const STACK = /^\s+at .+:\d+:\d+/m;

const COMMANDS = [
  'serve',
  ...['up', 'down', 'status', 'plan', 'check'].map((name) => `migrate ${name}`),
  ...['import', 'list', 'rollback'].map((name) => `instruments ${name}`),
  ...['replay', 'run'].map((name) => `feeds ${name}`),
  ...['add', 'list', 'disable', 'enable', 'reset'].map((name) => `users ${name}`),
  'secrets rewrap',
  ...['check', 'example'].map((name) => `config ${name}`),
  ...['status', 'load', 'clear'].map((name) => `demo ${name}`),
];

let folder: DeskFolder;

beforeAll(buildIfStale, 120_000);
beforeEach(() => {
  folder = new DeskFolder();
});
afterEach(() => folder.remove());

describe('help', () => {
  it.each(COMMANDS)('of `deskwire %s` says what it does, with an example', async (command) => {
    const help = folder.run([...command.split(' '), '--help']);
    expect(await help.exit).toBe(0);
    expect(help.stdout).toContain(`Usage: deskwire ${command}`);
    expect(help.stdout).toMatch(new RegExp(`Examples?:\\n.*${command}`, 's'));
  });

  it('lists the exit codes a pipeline can use', async () => {
    const help = folder.run(['--help']);
    expect(await help.exit).toBe(0);
    for (const code of [
      '0 done',
      '1 failure',
      '2 migrations pending',
      '3 schema drift',
      '4 migration lock',
      '64',
      '69',
      '75',
      '78',
    ])
      expect(help.stdout).toContain(code);
  });

  it.each([
    [['sevre']],
    [['migrate', 'down', '--steps', 'all']],
    [['instruments', 'import', 'x.csv']],
    [['users', 'add', 'a@b.example', '--role', 'king']],
  ])('of what is not understood (%j) is on stderr, exit 64', async (args) => {
    const wrong = folder.run(args);
    expect(await wrong.exit).toBe(64);
    expect(wrong.stderr).toContain('error:');
    expect(wrong.stdout).toBe('');
  });
});

describe('config', () => {
  it('check prints every key in force, where it is from, and no secret', async () => {
    const secret = 'a-secret-of-the-operator-of-32-bytes-and-more';
    const checked = folder.run(['config', 'check'], { JWT_SECRET_KEY: secret, PORT: '8080' });
    expect(await checked.exit).toBe(0);
    expect(checked.stdout).toMatch(/^PORT\s+8080\s+environment$/m);
    expect(checked.stdout).toMatch(/^JWT_SECRET_KEY\s+\[secret\]\s+environment$/m);
    expect(checked.stdout).toMatch(/^SESSIONS_ENCRYPTION_KEY\s+\[secret\]\s+home$/m);
    expect(checked.stdout).toMatch(/^JWT_EXPIRE_MINUTES\s+15\s+default$/m);
    expect(checked.stdout).not.toContain(secret);
  });

  it('check takes .env of the working directory; the environment wins', async () => {
    writeFileSync(join(folder.home, '.env'), 'PORT=7001\nJWT_ISSUER=from-the-file\n');
    const checked = await folder.run(['config', 'check', '--json'], { PORT: '7002' }).json();
    expect(checked.api.PORT).toEqual({ value: 7002, source: 'environment' });
    expect(checked.auth.JWT_ISSUER).toEqual({ value: 'from-the-file', source: '.env' });
  });

  it('check of a production that would not start exits 78 and names every key, seen value masked', async () => {
    const checked = folder.run(['config', 'check'], { NODE_ENV: 'production', JWT_SECRET_KEY: 'too-short-a-secret' });
    expect(await checked.exit).toBe(78);
    for (const key of ['DATABASE_URL', 'JWT_SECRET_KEY', 'SESSIONS_ENCRYPTION_KEY', 'WEBHOOK_ENCRYPTION_KEY'])
      expect(checked.stderr).toContain(key);
    expect(checked.stderr).not.toContain('too-short-a-secret');
    expect(checked.stderr).not.toMatch(STACK);
  });
});

describe('migrate', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(() => database.drop());

  const migrate = (args: string[], environment: Record<string, string> = {}): DeskProcess =>
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

  it('status and plan exit 2 while anything is pending and change nothing; up applies it; then they exit 0', async () => {
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

  it('check exits 3 and prints the statements when schema and entities differ', async () => {
    await migrate(['up']).exit;
    await sql('ALTER TABLE users ADD COLUMN left_by_hand text');
    const checked = migrate(['check']);
    expect(await checked.exit).toBe(3);
    expect(checked.stdout).toContain('left_by_hand');
  });

  it('refuses to go on from an applied migration that was edited, or that this code does not know: exit 3', async () => {
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

  it('exits 4 when another process holds the lock for longer than DATABASE_MIGRATION_LOCK_TIMEOUT_MS', async () => {
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    try {
      await holder.query(`SELECT pg_advisory_lock(${0x6465_736b}, 1)`);
      const waiting = migrate(['up'], { DATABASE_MIGRATION_LOCK_TIMEOUT_MS: '200' });
      expect(await waiting.exit).toBe(4);
      expect(waiting.stderr).toContain('200 ms');
    } finally {
      await holder.end();
    }
  });

  it('exits 1 and says so when PostgreSQL is not there', async () => {
    const failed = migrate(['status'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect(await failed.exit).toBe(1);
    expect(failed.stderr).toContain('cannot be reached');
    expect(failed.stderr).not.toMatch(STACK);
  });

  it('other commands refuse a schema that is behind: exit 2', async () => {
    const refused = folder.run(['users', 'list'], { DATABASE_URL: database.url });
    expect(await refused.exit).toBe(2);
    expect(refused.stderr).toContain('deskwire migrate up');
  });
});

describe('users and instruments', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const deskwire = (...args: string[]): DeskProcess => folder.run(args, { DATABASE_URL: database.url });

  it('users are added with a one-time password, listed, disabled, enabled and reset', async () => {
    const added = await deskwire(
      'users',
      'add',
      'ann@desk.example',
      '--role',
      'trader',
      '--role',
      'operator',
      '--json',
    ).json();
    expect(added).toMatchObject({ email: 'ann@desk.example', roles: ['trader', 'operator'] });
    expect(added.oneTimePassword).toMatch(/^\w{5}(-\w{5}){4}$/);
    const again = deskwire('users', 'add', 'ann@desk.example');
    expect(await again.exit).toBe(1);
    expect(again.stderr).toContain('AUTH_EMAIL_TAKEN');
    expect(again.stderr).not.toMatch(STACK);
    expect((await deskwire('users', 'disable', 'ann@desk.example', '--json').json()).disabledAt).not.toBeNull();
    expect((await deskwire('users', 'enable', added.id, '--json').json()).disabledAt).toBeNull();
    expect((await deskwire('users', 'reset', 'ann@desk.example', '--json').json()).oneTimePassword).not.toBe(
      added.oneTimePassword,
    );
    expect((await deskwire('users', 'list', '--json').json()).map(({ email }: { email: string }) => email)).toContain(
      'ann@desk.example',
    );
  });

  it('a failure with --json is JSON on stderr', async () => {
    const failed = deskwire('users', 'disable', 'nobody@desk.example', '--json');
    expect(await failed.exit).toBe(1);
    expect(JSON.parse(failed.stderr)).toMatchObject({ error: { code: 'AUTH_USER_NOT_FOUND' } });
    expect(failed.stdout).toBe('');
  });

  it('a master is imported, listed, replaced and rolled back to; a wrong one is refused without a trace', async () => {
    const file = (name: string, count: number, shift = 0): string => {
      const rows = Array.from(
        { length: count },
        (_, i) => `${1000 + i},${i},MADE${i + shift},Made ${i},0,,0,0.05,1,EQ,NSE,NSE`,
      );
      const path = join(folder.home, name);
      writeFileSync(
        path,
        `instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange\n${rows.join('\n')}\n`,
      );
      return path;
    };
    const first = await deskwire(
      'instruments',
      'import',
      file('day1.csv', 100),
      '--broker',
      'zerodha',
      '--json',
    ).json();
    expect(first).toMatchObject({ inserted: 100, updated: 0, quarantined: 0 });
    const second = deskwire('instruments', 'import', file('day2.csv', 100, 1), '--broker', 'zerodha');
    expect(await second.exit).toBe(0);
    expect(second.stdout).toMatch(/rows\/s/);
    const tooFew = deskwire('instruments', 'import', file('few.csv', 10), '--broker', 'zerodha');
    expect(await tooFew.exit).toBe(1);
    expect(tooFew.stderr).toContain('INSTRUMENTS_DELISTING_TOO_MANY');
    expect(await deskwire('instruments', 'import', file('few.csv', 10), '--broker', 'zerodha', '--force').exit).toBe(0);

    writeFileSync(join(folder.home, 'page.html'), '<html><body>503</body></html>');
    const page = deskwire('instruments', 'import', join(folder.home, 'page.html'), '--broker', 'zerodha');
    expect(await page.exit).toBe(1);
    expect(page.stderr).not.toMatch(STACK);
    const absent = deskwire('instruments', 'import', join(folder.home, 'absent.csv'), '--broker', 'zerodha');
    expect(await absent.exit).toBe(1);
    expect(absent.stderr).toContain('There is no file');

    const imports = await deskwire('instruments', 'list', '--json').json<{ id: string; source: string }[]>();
    expect(imports.map(({ source }) => source)).toEqual(['few.csv', 'day2.csv', 'day1.csv']);
    expect(await deskwire('instruments', 'rollback', first.importId, '--json').json()).toMatchObject({ relisted: 90 });
  });

  it('recorded feeds go the whole way, each item once; what is no feed says so', async () => {
    const item = (n: number) => `<item><guid>${n}</guid><title>Item ${n}</title></item>`;
    const polls = join(folder.home, 'polls');
    mkdirSync(polls);
    writeFileSync(join(polls, '1.xml'), `<rss version="2.0"><channel>${item(1)}${item(2)}</channel></rss>`);
    writeFileSync(join(polls, '2.xml'), `<rss version="2.0"><channel>${item(2)}${item(3)}</channel></rss>`);
    expect(await deskwire('feeds', 'replay', polls, '--source', 'made', '--json').json()).toMatchObject([
      { poll: '1.xml', outcome: 'fresh', fresh: 2, seen: 0 },
      { poll: '2.xml', outcome: 'fresh', fresh: 1, seen: 1 },
    ]);
    const again = deskwire('feeds', 'replay', polls, '--source', 'made');
    expect(await again.exit).toBe(0);
    expect(again.stdout).toMatch(/^1\.xml +empty +2 +0 +0 +2 +0$/m);
    writeFileSync(join(folder.home, 'page.html'), '<html><title>503</title></html>');
    const unknown = deskwire('feeds', 'replay', join(folder.home, 'page.html'));
    expect(await unknown.exit).toBe(64);
    expect(unknown.stderr).toContain('say --kind');
    const broken = deskwire('feeds', 'replay', join(folder.home, 'page.html'), '--source', 'made', '--kind', 'rss');
    expect(await broken.exit).toBe(1);
    expect(broken.stderr).toContain('The server answered with a web page instead of a feed ("503")');
    expect(broken.stderr).not.toMatch(STACK);
    expect(await deskwire('feeds', 'run').exit).toBe(0);
  });
});

describe('secrets rewrap', () => {
  const ENDPOINT = '01990000-0000-7000-8000-000000000001';
  const SECRET = '01990000-0000-7000-8000-000000000002';
  const [old, now, stranger] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    const sealed = createSealer(old).seal('whsec_c2VjcmV0', `webhook_secrets:${ENDPOINT}:${SECRET}`);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      `INSERT INTO webhook_endpoints (id, url, format, concurrency) VALUES ($1, 'https://hooks.example/', 'generic', 1)`,
      [ENDPOINT],
    );
    await client.query(`INSERT INTO webhook_secrets (id, endpoint_id, sealed) VALUES ($1, $2, $3)`, [
      SECRET,
      ENDPOINT,
      sealed,
    ]);
    await client.end();
  });
  afterAll(() => database.drop());

  it('seals with the new key what the old one opens, says what no key opens, and prints no secret', async () => {
    const rewrap = async (key: string, previous: string) => {
      const done = folder.run(['secrets', 'rewrap', '--json'], {
        DATABASE_URL: database.url,
        WEBHOOK_ENCRYPTION_KEY: key,
        WEBHOOK_ENCRYPTION_KEYS_PREVIOUS: previous,
      });
      const exit = await done.exit;
      expect(done.stdout + done.stderr).not.toMatch(/whsec_|c2VjcmV0/);
      return { exit, ...(JSON.parse(done.stdout) as object) };
    };
    expect(await rewrap(stranger, '')).toEqual({ exit: 1, rewrapped: 0, current: 0, failed: [SECRET] });
    expect(await rewrap(now, old)).toEqual({ exit: 0, rewrapped: 1, current: 0, failed: [] });
    expect(await rewrap(now, '')).toEqual({ exit: 0, rewrapped: 0, current: 1, failed: [] });
  });
});
