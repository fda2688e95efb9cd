import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createSealer } from '#sealing';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { CommandLine, type CommandRun } from './command-line.fixture.js';

/** A line of a stack trace. */
const STACK = /^\s+at .+:\d+:\d+/m;

let folder: CommandLine;

beforeEach(() => {
  folder = new CommandLine();
});
afterEach(() => folder.remove());

describe('users and instruments', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const deskwire = (...args: string[]): CommandRun => folder.run(args, { DATABASE_URL: database.url });

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

  it('API keys and logins of a user are listed, and ended one by one or all', async () => {
    const user = await deskwire('users', 'add', 'cat@desk.example', '--role', 'trader', '--json').json();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      `INSERT INTO logins (user_id, expires_at, ip, user_agent)
       SELECT $1::uuid, now() + interval '1 day', inet '192.0.2.7', 'browser ' || n FROM generate_series(1, 2) n`,
      [user.id],
    );
    await client.query(
      `INSERT INTO api_keys (user_id, name, key_hash, prefix, roles, expires_at)
       VALUES ($1, 'feeder', '\\x00', 'abcdefabcdef', '{viewer}', now() + interval '1 day')`,
      [user.id],
    );
    await client.end();
    const logins = await deskwire('users', 'logins', 'list', 'cat@desk.example', '--json').json();
    expect(logins.map(({ address, userAgent }: any) => [address, userAgent])).toEqual([
      ['192.0.2.7', 'browser 2'],
      ['192.0.2.7', 'browser 1'],
    ]);
    const listed = deskwire('users', 'keys', 'list', user.id);
    expect(await listed.exit).toBe(0);
    expect(listed.stdout).toContain('abcdefabcdef');
    expect(await deskwire('users', 'logins', 'end', user.id, logins[0].id, '--json').json()).toEqual({ ended: 1 });
    expect(await deskwire('users', 'logins', 'end', user.id, '--json').json()).toEqual({ ended: 1 });
    expect(await deskwire('users', 'keys', 'end', user.id, '--json').json()).toEqual({ ended: 1 });
    expect(await deskwire('users', 'keys', 'list', user.id, '--json').json()).toEqual([]);
    const gone = deskwire('users', 'logins', 'end', user.id, logins[0].id);
    expect([await gone.exit, gone.stderr]).toEqual([1, expect.stringContaining('AUTH_LOGIN_NOT_FOUND')]);
  });

  it('a failure with --json is JSON on stderr', async () => {
    const failed = deskwire('users', 'disable', 'nobody@desk.example', '--json');
    expect(await failed.exit).toBe(1);
    expect(JSON.parse(failed.stderr)).toMatchObject({ error: { code: 'AUTH_USER_NOT_FOUND' } });
    expect(failed.stdout).toBe('');
  });

  it('a master is imported, listed, replaced and rolled back to, and a wrong one is refused without a trace', async () => {
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
    expect(tooFew.stderr).toContain('repeat with --force');
    expect(tooFew.stderr).not.toContain('force=true');
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

  it('recorded feeds pass the whole path, each item once, and other documents are refused with the reason', async () => {
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
    expect(unknown.stderr).toContain('Set --kind');
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
  const [old, now, stranger] = ['old', 'now', 'stranger'].map((name) =>
    createHash('sha256').update(name).digest('hex'),
  ) as [string, string, string];
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    const sealed = createSealer(old).seal('whsec_c2VjcmV0', `webhook_secrets:${ENDPOINT}:${SECRET}`);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      `INSERT INTO webhook_endpoints (id, url, sealed_path, format, concurrency) VALUES ($1, 'https://hooks.example', $2, 'generic', 1)`,
      [ENDPOINT, createSealer(old).seal('/path', `webhook_endpoints:${ENDPOINT}:path`)],
    );
    await client.query(`INSERT INTO webhook_secrets (id, endpoint_id, sealed) VALUES ($1, $2, $3)`, [
      SECRET,
      ENDPOINT,
      sealed,
    ]);
    await client.end();
  });
  afterAll(() => database.drop());

  it('secrets rewrap seals with the new key, reports values that no key opens, and prints no secret', async () => {
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
    expect(await rewrap(stranger, '')).toEqual({ exit: 1, rewrapped: 0, current: 0, failed: [ENDPOINT, SECRET] });
    expect(await rewrap(now, old)).toEqual({ exit: 0, rewrapped: 2, current: 0, failed: [] });
    expect(await rewrap(now, '')).toEqual({ exit: 0, rewrapped: 0, current: 2, failed: [] });
  });
});
