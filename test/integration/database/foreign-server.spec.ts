import { text } from 'node:stream/consumers';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Database, DataSources, Transactions } from '#database';
import { ServerTooOldError } from '../../../libs/database/server-probe.js';
import { describeFailure } from '../../../apps/cli/report-error.js';
import { startApp } from '../../../apps/api/start-app.js';
import { contracts, kiteCsv } from '../instruments/masters.fixture.js';
import { startTestApp } from '../../setup/test-app.js';
import { createEmptyDatabase, createTestDatabase, migratorOf, type TestDatabase } from '../../setup/test-database.js';
import { testEnvironment } from '../../setup/test-environment.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { FaultProxy } from '../../setup/fault-proxy.js';

describe('a PostgreSQL older than 18', () => {
  let database: TestDatabase;
  let old: FaultProxy;

  beforeAll(async () => {
    database = await createTestDatabase();
    const client = new pg.Client(database.url);
    await client.connect();
    const { version } = (await client.query(`SELECT current_setting('server_version') AS version`)).rows[0];
    await client.end();
    old = new FaultProxy(database.url, (answer) => answer.replaceAll(version, version.replace('18', '17')));
    await old.start('pass');
  });
  afterAll(async () => {
    await old.become('refuse');
    await database.drop();
  });

  it('fails the start in its first phase, with the version found and the version required', async () => {
    const desk = await startApp(testEnvironment(old.url));
    try {
      await expect(desk.ready).rejects.toThrow(
        /^PostgreSQL 17\.\S+ is too old: Deskwire needs PostgreSQL 18 or later\. /,
      );
      const startup = (await (await fetch(`${desk.url}/health/startup`)).json()) as { steps: { phase: string }[] };
      expect(startup.steps.map(({ phase }) => phase)).toEqual(['connect', 'failed']);
    } finally {
      await desk.app.close();
    }
  });

  it('a PostgreSQL older than 18 ends `deskwire migrate` and `deskwire serve` with exit code 78, like wrong settings', async () => {
    const refused = await migratorOf(old.url)
      .status()
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ServerTooOldError);
    expect(describeFailure(refused)).toMatchObject({
      exitCode: 78,
      text: expect.stringContaining('needs PostgreSQL 18'),
      json: { code: 'DATABASE_TOO_OLD' },
    });
  });
});

/** Settings that would change the form of a value, the parsing of a statement, or its time limit. */
const HOSTILE: Record<string, string> = {
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'America/St_Johns',
  bytea_output: 'escape',
  extra_float_digits: '-10',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  statement_timeout: '1ms',
  lock_timeout: '1ms',
  transaction_timeout: '1ms',
  idle_in_transaction_session_timeout: '1ms',
  idle_session_timeout: '1ms',
};

const VALUES = String.raw`SELECT '2026-02-03'::date AS day, '2026-02-03T04:05:06.789Z'::timestamptz AS at,
  '1 year 2 mons 3 days 04:05:06'::interval::text AS span, '\xdeadbeef'::bytea AS bytes, 0.1::float8 + 0.2::float8 AS sum,
  'a\b' AS backslash, $1::text[] AS array, NULL = NULL AS "nullEqualsNull", current_setting('transaction_isolation') AS isolation,
  current_setting('idle_session_timeout') || current_setting('transaction_timeout') AS timeouts`;
const RIGHT = {
  day: '2026-02-03',
  at: new Date('2026-02-03T04:05:06.789Z'),
  span: '1 year 2 mons 3 days 04:05:06',
  bytes: Buffer.from('deadbeef', 'hex'),
  sum: 0.1 + 0.2,
  backslash: String.raw`a\b`,
  array: ['a', null],
  nullEqualsNull: null,
  isolation: 'read committed',
  timeouts: '00',
};

describe('a database whose session defaults are hostile (ALTER DATABASE .. SET)', () => {
  let database: TestDatabase;
  let module: TestModule;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    const url = new URL(database.url);
    const name = url.pathname.slice(1);
    url.pathname = '/postgres';
    const client = new pg.Client(url.href);
    await client.connect();
    for (const [setting, value] of Object.entries(HOSTILE))
      await client.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
    await client.end();
    await migratorOf(database.url).up();
    module = await testModule([], { database });
  });
  afterAll(async () => {
    await module.close();
    await database.drop();
  });

  it('a hostile database gives other values to a connection without the session settings (negative control)', async () => {
    const client = new pg.Client({
      connectionString: database.url,
      options: '-c statement_timeout=0 -c transaction_timeout=0 -c idle_session_timeout=0',
    });
    await client.connect();
    const { rows } = await client.query(
      `SELECT '2026-03-02'::date::text AS day, decode('deadbeef', 'hex')::text AS bytes, (0.1::float8 + 0.2)::text AS sum`,
    );
    expect(rows).toEqual([{ day: '02/03/2026', bytes: String.raw`\336\255\276\357`, sum: '0.3' }]);
    await client.end();
  });

  it('a hostile database gives the right values through the app pool', async () => {
    expect(await module.get(Database).rows(VALUES, [['a', null]])).toEqual([RIGHT]);
  });

  it('a hostile database gives the right values through the analytics pool', async () => {
    const rows = await module.get(Transactions).readSnapshot(() => module.get(Database).rows(VALUES, [['a', null]]));
    expect(rows).toEqual([{ ...RIGHT, isolation: 'repeatable read' }]);
  });

  it('a hostile database gives the right values through the connection of migrations', async () => {
    const source = await module.get(DataSources).createInit().initialize();
    expect(await source.query(VALUES, [['a', null]])).toEqual([RIGHT]);
    await source.destroy();
  });

  it('a hostile database gives the right values through connections outside the pools, which LISTEN and the jobs use', async () => {
    const sources = module.get(DataSources);
    const { connectionString, options } = sources.connection('app');
    const client = new pg.Client({ connectionString, options });
    await client.connect();
    const { rows } = await client.query(VALUES, [['a', null]]);
    expect(rows).toEqual([{ ...RIGHT, day: expect.any(Date) }]);
    await client.end();
  });

  it('a hostile database gives the right values through COPY in both directions', async () => {
    const line = [
      '2026-02-03',
      '2026-02-03 04:05:06.789+00',
      '1 year 2 mons 3 days 04:05:06',
      String.raw`\\xdeadbeef`,
      String(0.1 + 0.2),
      String.raw`a\\b`,
    ].join('\t');
    const out = await module.get(Transactions).atomic(async () => {
      const client = await module.get(Database).client();
      await client.query(
        'CREATE TEMPORARY TABLE copied (day date, at timestamptz, span interval, bytes bytea, sum float8, backslash text) ON COMMIT DROP',
      );
      await pipeline(Readable.from([`${line}\n`]), client.query(copyFrom('COPY copied FROM STDIN')));
      const { rows } = await client.query('SELECT day, at, span::text, bytes, sum, backslash FROM copied');
      const { day, at, span, bytes, sum, backslash } = RIGHT;
      expect(rows).toEqual([{ day, at, span, bytes, sum, backslash }]);
      const copy = client.query<ReturnType<typeof copyTo> & { callback?: () => void }>(copyTo('COPY copied TO STDOUT'));
      const lines = await text(copy);
      copy.callback?.(); // ends pg's time limit, which pg-copy-streams does for COPY FROM only
      return lines;
    });
    expect(out).toBe(`${line}\n`);
  });

  it('a desk on a hostile database has the same import, session and dashboard as on any other', async () => {
    const desk = await startTestApp({ database });
    try {
      const { token } = await desk.login('admin');
      const master = { body: Buffer.from(kiteCsv(contracts(3))), headers: { 'content-type': 'text/csv' } };
      expect((await desk.request('POST', '/v1/instruments/imports?broker=zerodha', { token, ...master })).status).toBe(
        201,
      );
      const { items } = (await desk.request('GET', '/v1/instruments?broker=zerodha', { token })).body;
      expect(items[0]).toMatchObject({ expiry: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) });
      const session = {
        broker: 'zerodha',
        account: 'AB1',
        accessToken: 'a-token-of-the-broker',
        loginMethod: 'totp',
        expiresAt: '2031-01-01T00:00:00.000Z',
        details: {},
      };
      expect((await desk.request('PUT', '/v1/sessions', { token, body: session })).body).toMatchObject({
        expiresAt: '2031-01-01T00:00:00.000Z',
      });
      expect((await desk.request('GET', '/v1/dashboard', { token })).status).toBe(200);
    } finally {
      await desk.close();
    }
  });
});
