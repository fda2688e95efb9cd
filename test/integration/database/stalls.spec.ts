import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { Database, DataSources } from '#database';
import { databaseConfig } from '#database/config';
import { eventually } from '../../setup/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { testEnvironment, testInternals } from '../../setup/test-environment.js';
import { events, startAbusedDesk } from './abused-desk.fixture.js';
import { FaultProxy } from '../../setup/fault-proxy.js';

const LIMITS = {
  acquireTimeoutMs: 1_000,
  statementTimeoutMs: 1_500,
  analyticsStatementTimeoutMs: 1_500,
  lockTimeoutMs: 700,
  idleInTransactionTimeoutMs: 5_000,
};
/** On a quiet machine each stall ends within its limit and one second. Elsewhere the limits only guard against hanging. */
const SLACK_MS = process.env['CHAOS'] === 'true' ? 1_000 : 60_000;

interface Answer {
  status: number;
  code: string | undefined;
  retryAfter: string | null;
  endedMs: number;
}

describe('a database that stalls', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let app: NestFastifyApplication;
  let url: string;
  /** A connection past the proxy. */
  let direct: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await new FaultProxy(database.url).start('pass');
    direct = new pg.Client(database.url);
    await direct.connect();
    ({ app, url } = await startAbusedDesk(
      testEnvironment(proxy.url, { DATABASE_POOL_MAX: '4', DESKWIRE_ROLE: 'web' }),
      [...testInternals, databaseConfig.with(LIMITS)],
    ));
    await direct.query(`INSERT INTO abuse VALUES ('locked')`);
  });
  afterAll(async () => {
    events.emit('let go');
    await proxy.become('refuse');
    await app.close();
    await direct.end();
    await database.drop();
  });

  async function get(path: string): Promise<Answer> {
    const began = performance.now();
    const response = await fetch(url + path);
    const { code } = (await response.json()) as { code?: string };
    const retryAfter = response.headers.get('retry-after');
    return { status: response.status, code, retryAfter, endedMs: performance.now() - began };
  }

  /** Backends of the desk's main pool that run a statement or have a transaction open. */
  const busy = async () =>
    (
      await direct.query<{ query: string }>(
        `SELECT state, query FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'deskwire-app' AND state <> 'idle'`,
      )
    ).rows;
  const slotsFree = () =>
    eventually(async () => expect(await busy()).toEqual([]), LIMITS.idleInTransactionTimeoutMs + SLACK_MS);
  const sleeping = () =>
    eventually(async () => expect((await busy()).some(({ query }) => query.includes('pg_sleep'))).toBe(true));
  const served = () => eventually(async () => expect((await get('/abuse/ok/served')).status).toBe(200));

  it('a slow query, a locked row and an idle transaction each end within their own limit, typed, and free their slot', async () => {
    await direct.query('BEGIN');
    await direct.query(`UPDATE abuse SET id = id WHERE id = 'locked'`);
    const held = once(events, 'held:idle');
    const idle = get('/abuse/hold/idle');
    await held;
    const [slow, locked] = await Promise.all([get('/abuse/query'), get('/abuse/lock')]);
    await direct.query('ROLLBACK');
    expect(slow).toMatchObject({ status: 503, code: 'DATABASE_TIMEOUT', retryAfter: '1' }); // 57014
    expect(locked).toMatchObject({ status: 503, code: 'DATABASE_LOCKED', retryAfter: '1' }); // 55P03
    expect(locked.endedMs).toBeLessThan(LIMITS.lockTimeoutMs + SLACK_MS);
    expect(slow.endedMs).toBeLessThan(LIMITS.statementTimeoutMs + SLACK_MS);
    // PostgreSQL ends the idle transaction (25P03) while its handler still waits.
    await slotsFree();
    events.emit('let go');
    expect(await idle).toMatchObject({ status: 503, code: 'DATABASE_UNAVAILABLE', retryAfter: '1' });
    expect((await direct.query(`SELECT FROM abuse WHERE id = 'idle'`)).rowCount).toBe(0);
    await served();
  });

  it('a network that hangs in the middle of a query ends the request, and later ones are refused at once until it is back', async () => {
    const stalled = get('/abuse/query');
    await sleeping();
    proxy.freeze();
    const answer = await stalled;
    expect(answer).toMatchObject({ status: 503, code: 'DATABASE_UNAVAILABLE', retryAfter: '1' });
    expect(answer.endedMs).toBeLessThan(LIMITS.statementTimeoutMs + SLACK_MS + 500);
    await slotsFree(); // its statement_timeout ended the statement
    // The server is asked for two seconds, then it counts as silent.
    await eventually(() => expect(app.get(DataSources).watch.isSilent).toBe(true));
    const refused = await Promise.all(Array.from({ length: 20 }, () => get('/abuse/ok/never')));
    for (const { status, code, retryAfter } of refused)
      expect([status, code, retryAfter]).toEqual([503, 'DATABASE_UNAVAILABLE', '1']);
    expect(Math.min(...refused.map(({ endedMs }) => endedMs))).toBeLessThan(LIMITS.acquireTimeoutMs);
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toMatchObject([503, { checks: { database: { status: 'down' } } }]);
    proxy.thaw();
    await served();
    expect((await direct.query(`SELECT FROM abuse WHERE id = 'never'`)).rowCount).toBe(0);
    await eventually(async () => expect((await fetch(`${url}/health`)).status).toBe(200));
  });

  it('a statement whose answer the network has lost is given up when the server answers on new connections', async () => {
    const { watch } = app.get(DataSources);
    const lost = get('/abuse/long');
    await sleeping();
    proxy.freeze();
    watch.suspect();
    await eventually(() => expect(watch.isSilent).toBe(true));
    proxy.abandon();
    // Its own limit is a minute.
    const ended = await Promise.race([lost, pause(30_000, undefined, { ref: false })]);
    expect(ended).toMatchObject({ status: 503, code: 'DATABASE_UNAVAILABLE' });
    await served();
    await proxy.become('pass'); // closes what was abandoned
    await eventually(async () => expect((await busy()).filter(({ query }) => query.includes('pg_sleep'))).toEqual([]));
    await served();
  });

  it('a network that hangs at the connect ends the request within the limit of a connection', async () => {
    await proxy.become('hang');
    // The connections of the pool are closed. Until it has noticed, a request could get one of them.
    await eventually(() => expect(app.get(DataSources).pool('app').idleCount).toBe(0));
    const answer = await get('/abuse/ok/unconnected');
    expect([answer.status, answer.retryAfter]).toEqual([503, '1']);
    expect(answer.code).toMatch(/^DATABASE_(UNAVAILABLE|POOL_EXHAUSTED)$/);
    expect(answer.endedMs).toBeLessThan(LIMITS.acquireTimeoutMs + SLACK_MS);
    await proxy.become('pass');
    await served();
    expect((await direct.query(`SELECT FROM abuse WHERE id = 'unconnected'`)).rowCount).toBe(0);
  });

  it('the statement of a process that is gone ends within a second, and one without our settings stays (negative control)', async () => {
    const start = async (config: pg.ClientConfig, name: string) => {
      const client = new pg.Client({ ...config, application_name: name });
      client.on('error', () => undefined);
      await client.connect();
      client.query('SELECT pg_sleep(20)').catch(() => undefined);
      return client;
    };
    const remaining = async () =>
      (
        await direct.query<{ name: string }>(
          `SELECT application_name AS name FROM pg_stat_activity WHERE application_name IN ('ours', 'bare') AND state = 'active' ORDER BY 1`,
        )
      ).rows.map(({ name }) => name);
    await start(app.get(DataSources).connection('app'), 'ours');
    await start({ connectionString: proxy.url }, 'bare');
    await eventually(async () => expect(await remaining()).toEqual(['bare', 'ours']));
    await proxy.become('refuse'); // closes both sides of each connection
    await eventually(
      async () => expect(await remaining()).toEqual(['bare']),
      LIMITS.idleInTransactionTimeoutMs + SLACK_MS,
    );
    await direct.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bare'`);
    await proxy.become('pass');
    await served();
  });

  it('a bare pool without a limit waits for a connection for good while ours has refused (negative control)', async () => {
    const bare = new pg.Pool({ connectionString: proxy.url, max: 1, connectionTimeoutMillis: 0 });
    const taken = await bare.connect();
    let given = false;
    const waiting = bare.connect().then((client) => ((given = true), client.release()));
    const holding = [1, 2, 3, 4].map((id) => once(events, `held:${id}`));
    const held = [1, 2, 3, 4].map((id) => get(`/abuse/hold/${id}`));
    await Promise.all(holding);
    expect(await get('/abuse/ok/5')).toMatchObject({ status: 503, code: 'DATABASE_POOL_EXHAUSTED', retryAfter: '1' });
    expect(given).toBe(false);
    events.emit('let go');
    taken.release();
    await Promise.all([waiting, ...held]);
    await bare.end();
    await eventually(() => {
      const { waitingCount, idleCount, totalCount } = app.get(DataSources).pool('app');
      expect({ waitingCount, unreturned: totalCount - idleCount }).toEqual({ waitingCount: 0, unreturned: 0 });
    });
    expect(await app.get(Database).rows('SHOW client_connection_check_interval')).toEqual([
      { client_connection_check_interval: '1s' },
    ]);
  });
});
