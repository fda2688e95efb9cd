import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
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
    const dry = (...flags: string[]) =>
      deskwire('instruments', 'import', file('few.csv', 10), '--broker', 'zerodha', '--dry-run', ...flags);
    const refused = dry();
    expect(await refused.exit).toBe(1);
    expect(refused.stdout).toMatch(/nothing was stored[^]+LINE[^]+1000/);
    expect(refused.stderr).toContain('INSTRUMENTS_DELISTING_TOO_MANY');
    expect(await dry('--partial', '--json').json()).toMatchObject({
      dryRun: true,
      updated: 10,
      delisted: 0,
      refusal: null,
    });
    expect(await deskwire('instruments', 'import', file('few.csv', 10), '--broker', 'zerodha', '--force').exit).toBe(0);

    writeFileSync(join(folder.home, 'page.html'), '<html><body>503</body></html>');
    const page = deskwire('instruments', 'import', join(folder.home, 'page.html'), '--broker', 'zerodha');
    expect(await page.exit).toBe(1);
    expect(page.stderr).not.toMatch(STACK);
    const absent = deskwire('instruments', 'import', join(folder.home, 'absent.csv'), '--broker', 'zerodha');
    expect(await absent.exit).toBe(1);
    expect(absent.stderr).toContain('There is no file');

    const contract = { token: '1', symbol: 'ACME-EQ', name: 'ACME', expiry: '', strike: '-1', lotsize: '1' };
    const element = { ...contract, instrumenttype: '', exch_seg: 'NSE', tick_size: '5.000000' };
    writeFileSync(join(folder.home, 'master.json'), JSON.stringify([element]));
    const named = ['--broker', 'acme', '--mapping', 'angel', '--json'];
    expect(await deskwire('instruments', 'import', join(folder.home, 'master.json'), ...named).json()).toMatchObject({
      inserted: 1,
    });

    const imports = await deskwire('instruments', 'list', '--broker', 'zerodha', '--json').json<
      { id: string; source: string }[]
    >();
    expect(imports.map(({ source }) => source)).toEqual(['few.csv', 'day2.csv', 'day1.csv']);
    expect(await deskwire('instruments', 'rollback', first.importId, '--json').json()).toMatchObject({ relisted: 90 });
  });

  it('the built-in formats of masters are listed without a database, and so is the schema of a mapping', async () => {
    const listed = await folder.run(['instruments', 'formats', '--json'], {}).json<{ name: string; tried: string }[]>();
    expect(listed.find(({ name }) => name === 'flattrade')).toMatchObject({ tried: 'no' });
    const table = folder.run(['instruments', 'formats'], {});
    expect(await table.exit).toBe(0);
    expect(table.stdout).toMatch(/^flattrade +flattrade +.* +not tried on a real file$/m);
    const schema = await folder.run(['instruments', 'formats', '--schema'], {}).json<{ required: string[] }>();
    expect(schema.required).toContain('key');
  });

  it('tickers of filers are loaded from a file or a URL with the contact of the desk, and listed', async () => {
    const agents: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      agents.push(request.headers['user-agent']);
      const found = request.url?.startsWith('/tickers.json') === true;
      response
        .writeHead(found ? 200 : 403)
        .end(found ? '{"0":{"cik_str":1,"ticker":"ONE","title":"One"}}' : 'Undeclared Automated Tool');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const tickers = (...args: string[]) =>
      folder.run(['filings', 'tickers', ...args], { DATABASE_URL: database.url, EGRESS_CONTACT: 'desk@example.com' });
    expect(await tickers(`${origin}/tickers.json?key=secret`, '--json').json()).toMatchObject({ tickers: 1, added: 1 });
    expect(agents).toEqual(['Deskwire/1 (filings; desk@example.com)']);
    const refused = tickers(`${origin}/other`);
    expect([await refused.exit, refused.stderr]).toEqual([
      1,
      expect.stringContaining('answered 403 for the ticker file'),
    ]);
    const path = join(folder.home, 'ticker.txt');
    writeFileSync(path, 'two\t2\nthree\t3\nbad line\n');
    const shrunk = tickers(path);
    expect([await shrunk.exit, shrunk.stderr]).toEqual([1, expect.stringContaining('FILINGS_TICKERS_SHRINK')]);
    const forced = tickers(path, '--force');
    expect([await forced.exit, forced.stderr]).toEqual([0, expect.stringContaining('bad line')]);
    expect(forced.stdout).toMatch(/^2 +1 +0 +1$/m);
    const listed = tickers();
    expect(await listed.exit).toBe(0);
    expect(listed.stdout).toMatch(/^ticker\.txt +\S+ +2 +2 +1 +1$/m);
    expect(listed.stdout).not.toContain('secret');
    server.close();
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
