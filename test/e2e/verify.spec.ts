import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { BackgroundTasks } from '#background';
import { Transactions } from '#database';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { rowsOf } from '../integration/maintenance/desk-copy.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { CommandLine } from './command-line.fixture.js';

const TOKEN = 'metrics-token-of-the-test';

interface Report {
  status: string;
  url: string;
  checks: { check: string; status: string; detail: string; runbook: string }[];
}

describe('deskwire verify', () => {
  let database: TestDatabase;
  let receiver: Receiver;
  let desk: TestApp;
  let token: string;
  let commands: CommandLine;

  beforeAll(async () => {
    [database, receiver] = await Promise.all([createTestDatabase(), Receiver.start()]);
    desk = await startTestApp({
      database,
      env: { DESKWIRE_ROLE: 'web', DATABASE_POOL_MAX: '10', METRICS_TOKEN: TOKEN, EGRESS_ALLOW_PRIVATE: 'true' },
    });
    ({ token } = await desk.login('operator'));
    commands = new CommandLine();
  });
  afterAll(async () => {
    commands.remove();
    await desk.close();
    await Promise.all([receiver.stop(), database.drop()]);
  });

  async function verify(args: string[] = [], settings: Record<string, string> = {}) {
    const run = commands.run(['verify', '--url', desk.url, '--json', ...args], {
      DATABASE_URL: database.url,
      METRICS_TOKEN: TOKEN,
      ...settings,
    });
    const exit = await run.exit;
    return { exit, report: JSON.parse(run.stdout) as Report };
  }
  const metrics = async () =>
    (await fetch(`${desk.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
  /** Waits for a state of webhooks, which the process counts now and then, without a check: it costs far more than a scrape. */
  const counted = async (state: string, count: number) => {
    desk.get(BackgroundTasks).wake('webhooks-states');
    const series = new RegExp(`^webhooks_endpoints\\{.*state="${state}".*\\} ${count}$`, 'm');
    await eventually(async () => expect(series.test(await metrics())).toBe(true));
  };
  const of = ({ report }: { report: Report }, name: string) => report.checks.find(({ check }) => check === name)!;

  it('a desk in order passes every check with exit code 0, and the table names each of them', async () => {
    const passed = await verify();
    expect(passed.report.checks.map(({ check, status }) => [check, status])).toEqual([
      ['api', 'pass'],
      ['database', 'pass'],
      ['schema', 'pass'],
      ['pool', 'pass'],
      ['deliveries', 'pass'],
      ['webhooks', 'absent'],
      ['replication', 'absent'],
      ['feeds', 'absent'],
    ]);
    expect(of(passed, 'replication').detail).toBe('not set up');
    expect([passed.exit, passed.report.status]).toEqual([0, 'pass']);
    const { hostname, port } = new URL(desk.url);
    const settings = { DATABASE_URL: database.url, METRICS_TOKEN: TOKEN, HOST: hostname, PORT: port };
    const table = commands.run(['verify'], settings);
    expect(await table.exit).toBe(0);
    expect(table.stdout).toMatch(/^CHECK +RESULT +DETAIL\napi +ok +http\S+ is ready\n/);
    expect(table.stdout).toContain('All checks passed.');
  });

  it('every metric and label value that the checks read is one that the desk exposes', async () => {
    const source = readFileSync('apps/cli/verify/desk-checks.ts', 'utf8');
    const names = new Set(
      [...source.matchAll(/'((?:database|deliveries|feeds|http|webhooks)_\w+)'/g)].map(([, name]) => name!),
    );
    expect(names.size).toBeGreaterThan(8);
    const exposed = await metrics();
    for (const name of names) expect(exposed).toContain(`\n# TYPE ${name} `);
    for (const series of [
      'webhooks_endpoints{state="disabled"',
      'feeds_sources{state="stale"',
      'feeds_sources{state="failing"',
    ])
      expect(exposed).toContain(series);
    expect(exposed).toMatch(/database_pool_connections\{(pool="app",state="in_use"|state="in_use",pool="app")/);
  });

  it('a degraded webhook is a warning with exit code 5, and the table names its heading in the runbook', async () => {
    const add = async () =>
      (await desk.request('POST', '/v1/webhooks', { token, body: { url: receiver.url } })).body.id;
    const ids = [await add(), await add()];
    await counted('healthy', 2);
    expect(of(await verify(), 'webhooks')).toMatchObject({
      status: 'pass',
      detail: expect.stringMatching(/^2 healthy, 0/),
    });
    await rowsOf(
      database.url,
      `UPDATE webhook_endpoints SET state = 'degraded', state_reason = 'failures' WHERE id = '${ids[1]}'`,
    );
    await counted('degraded', 1);
    const warned = await verify();
    expect(of(warned, 'webhooks')).toMatchObject({ status: 'warn', detail: '1 healthy, 1 degraded, 0 disabled' });
    expect([warned.exit, warned.report.status]).toEqual([5, 'warn']);
    const table = commands.run(['verify', '--url', desk.url], { DATABASE_URL: database.url, METRICS_TOKEN: TOKEN });
    expect(await table.exit).toBe(5);
    expect(table.stdout).toContain('webhooks: prometheus/runbook.md#degradedwebhook');
    await rowsOf(database.url, `UPDATE webhook_endpoints SET state = 'healthy', state_reason = NULL`);
    await counted('healthy', 2);
  });

  it('requests that wait for an exhausted pool fail the check of the pool', async () => {
    const release = Promise.withResolvers<void>();
    const holders = Array.from({ length: 11 }, () => desk.get(Transactions).atomic(() => release.promise));
    try {
      await eventually(async () => {
        const failed = await verify();
        expect(of(failed, 'pool')).toMatchObject({
          status: 'fail',
          detail: expect.stringMatching(/^exhausted: 10 of 10/),
        });
        expect(failed.exit).toBe(1);
      });
    } finally {
      release.resolve();
      await Promise.all(holders);
    }
  });

  it('more than 5 % of errors while it watches fail the check of errors, and the same errors before it do not', async () => {
    const request = (path: string) => desk.request('GET', path, { token });
    const readOnly = (mode: string) => commands.run(['read-only', mode], { DATABASE_URL: database.url }).exit;
    const write = () => desk.request('PUT', '/v1/portfolios/p/snapshot', { token, body: SNAPSHOT });
    const during = async (work: () => Promise<unknown>) => {
      let watching = true;
      const watched = verify(['--watch', '1s']).finally(() => (watching = false));
      const client = async () => {
        while (watching) {
          await work();
          await pause(50); // Paces the load.
        }
      };
      await Promise.all([client(), client(), client(), client(), client(), client(), client(), client()]);
      return watched;
    };
    await readOnly('on');
    try {
      // On a busy machine the requests of 1 s may be too few.
      await eventually(async () => {
        const failed = await during(write);
        expect(of(failed, 'errors')).toMatchObject({ status: 'fail', detail: expect.stringContaining('limit 5.0 %') });
        expect([of(failed, 'database').status, of(failed, 'schema').status]).toEqual(['warn', 'warn']);
        expect(failed.exit).toBe(1);
      });
    } finally {
      await readOnly('off');
    }
    await eventually(async () => expect((await write()).status).toBe(200));
    await eventually(async () => {
      const passed = await during(() => request('/v1/dashboard'));
      expect([of(passed, 'errors').status, of(passed, 'latency').status]).toEqual(['pass', 'pass']);
    });
    const idle = await verify(['--watch', '10ms']);
    expect(of(idle, 'errors')).toMatchObject({ status: 'warn', detail: expect.stringContaining('too few') });
  });

  it('a schema with pending migrations, an invalid index and drift fail, each under its own check', async () => {
    const empty = await createEmptyDatabase();
    const pending = await verify([], { DATABASE_URL: empty.url });
    expect(of(pending, 'schema')).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/^pending: CreateChangeFeed/),
    });
    await empty.drop();

    await rowsOf(database.url, 'ALTER TABLE users ADD COLUMN left_by_hand text');
    await rowsOf(database.url, 'ALTER TABLE users ADD CONSTRAINT ck_by_hand CHECK (left_by_hand IS NULL) NOT VALID');
    const drifted = await verify();
    expect(of(drifted, 'schema')).toMatchObject({ status: 'fail', detail: expect.stringContaining('migrate check') });
    expect(of(drifted, 'database')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('constraint ck_by_hand'),
    });
    expect(drifted.exit).toBe(1);
    await rowsOf(database.url, 'ALTER TABLE users DROP COLUMN left_by_hand');
    expect((await verify()).exit).toBe(0);
  });

  it('a process that does not answer, a wrong METRICS_TOKEN and an unreachable PostgreSQL fail without a stack trace', async () => {
    const away = await verify(['--url', 'http://127.0.0.1:1']);
    expect(of(away, 'api')).toMatchObject({ status: 'fail', detail: expect.stringContaining('does not answer') });
    expect(of(away, 'pool').detail).toMatch(/^unknown: /);
    expect(of(away, 'schema').status).toBe('pass');
    expect(away.exit).toBe(1);

    const refused = await verify([], { METRICS_TOKEN: 'another-token-of-the-test' });
    expect([of(refused, 'api').status, of(refused, 'pool').status]).toEqual(['pass', 'fail']);
    expect(of(refused, 'pool').detail).toContain('METRICS_TOKEN');

    const dark = await verify([], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect([of(dark, 'api').status, of(dark, 'database').status, of(dark, 'schema').status]).toEqual([
      ...['pass', 'fail', 'fail'],
    ]);
  });

  it.each([
    ['--url', 'localhost'],
    ['--watch', '5 minutes'],
  ])('%s %s is wrong usage', async (option, value) => {
    const refused = commands.run(['verify', option, value], { DATABASE_URL: database.url });
    expect(await refused.exit).toBe(64);
  });
});

const SNAPSHOT = {
  ...{ broker: 'zerodha', account: 'A1', currency: 'INR', cash: '1.00', positions: [] },
  asOf: '2026-11-02T03:45:00Z',
};
