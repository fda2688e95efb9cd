import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Socket } from 'socket.io-client';
import { Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { deliveriesConfig } from '#deliveries/config';
import { feedsConfig } from '#feeds/config';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

/** An administrator freezes the database of a running desk: `ALTER DATABASE .. SET default_transaction_read_only`. */
describe('a PostgreSQL that becomes read-only under a running desk', () => {
  let database: TestDatabase;
  let administrator: pg.Client;
  let receiver: Receiver;
  let desk: TestApp;
  let token: string;
  let refreshToken: string;
  let endpoint: string;
  let socket: Socket;
  let asOf = Date.parse('2026-11-02T03:45:00Z');
  const closed: string[] = [];

  beforeAll(async () => {
    [database, receiver] = await Promise.all([createTestDatabase(), Receiver.start()]);
    administrator = new pg.Client(database.url);
    await administrator.connect();
    desk = await startTestApp({
      database,
      env: { EGRESS_ALLOW_PRIVATE: 'true' },
      internals: [deliveriesConfig.with({ pollMs: 50 }), feedsConfig.with({ pollMs: 200 })],
    });
    ({ token, refreshToken } = await desk.login('operator'));
    endpoint = (await call('POST', '/v1/webhooks', { url: receiver.url, desk: true })).body.id;
    socket = desk.socket(token);
    socket.on('disconnect', (reason) => closed.push(reason));
    await socket.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: ['portfolios'] });
  });
  afterAll(async () => {
    await desk.close();
    await administrator.end();
    await Promise.all([receiver.stop(), database.drop()]);
  });

  const call = (method: string, path: string, body?: unknown, headers = {}) =>
    desk.request(method, path, { token, body, headers });
  const write = (portfolioId: string, key?: string) =>
    call(
      'POST',
      '/v1/portfolios/snapshots',
      {
        snapshots: [
          {
            ...{ portfolioId, broker: 'zerodha', account: portfolioId, currency: 'INR', cash: '1.00', positions: [] },
            asOf: new Date(asOf).toISOString(),
          },
        ],
      },
      key === undefined ? {} : { 'idempotency-key': key },
    );
  const task = async (name: string) =>
    (await call('GET', '/v1/system/tasks')).body.items.find((one: { name: string }) => one.name === name);
  const metric = async (name: string) =>
    new RegExp(`^${name} (\\S+)$`, 'm').exec((await desk.request<string>('GET', '/metrics')).body)?.[1];

  it('while PostgreSQL refuses writes, each write is a 503, reads and sockets go on, background work pauses, and all resumes', async () => {
    const key = randomUUID();
    expect((await write('before', key)).status).toBe(200);
    const name = new URL(database.url).pathname.slice(1);
    await administrator.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await administrator.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );

    // Each connection that was ended answers one request with DATABASE_UNAVAILABLE, unless the desk has noticed its end.
    for (let times = 0; times < 3; times++) {
      asOf += 1_000;
      await eventually(async () => {
        const refused = await write('refused', randomUUID());
        expect(refused.body.code).toBe('DATABASE_READ_ONLY');
        expect(refused.status).toBe(503);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      });
    }
    await eventually(async () => expect(await task('feeds-poll')).toMatchObject({ state: 'paused', nextRunAt: null }));
    expect((await call('GET', '/v1/system/startup')).body).toMatchObject({ phase: 'ready', readOnly: true });
    expect(await metric('database_read_only')).toBe('1');
    const health = await desk.request('GET', '/health');
    expect([health.status, health.body.checks.database]).toMatchObject([200, { status: 'degraded', readOnly: true }]);
    expect((await desk.request('GET', '/health/ready')).status).toBe(200);

    const { status, body } = await call('GET', '/v1/dashboard', undefined, { 'cache-control': 'no-cache' });
    expect([status, body.source]).toEqual([200, 'database']);
    expect((await call('GET', '/v1/portfolios/before')).status).toBe(200);
    const refreshed = await desk.request('POST', '/v1/auth/refresh', { body: { refreshToken } });
    expect([refreshed.status, refreshed.body.refreshToken]).toEqual([200, refreshToken]);
    asOf -= 3_000;
    const repeated = await write('before', key);
    expect([repeated.status, repeated.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect(receiver.receipts).toEqual([]);

    // Without ending the connections that were opened meanwhile: they are read-only for good.
    await administrator.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await eventually(async () => expect((await call('GET', '/v1/system/startup')).body.readOnly).toBe(false));
    asOf += 10_000;
    expect((await write('after')).status).toBe(200);
    expect(await metric('database_read_only')).toBe('0');
    await eventually(async () => expect((await task('feeds-poll')).lastResult).toBe('done'));
    const transactions = desk.get(Transactions);
    await transactions.atomic(() =>
      desk.get(DeliveryQueue).enqueue([{ alertId: null, endpointId: endpoint, messageId: 'after', body: '{}' }]),
    );
    await eventually(() => expect(receiver.receipts.map(({ messageId }) => messageId)).toEqual(['after']));
    await eventually(async () => expect((await desk.request('GET', '/health')).body.checks.jobs.status).toBe('up'));

    const { panels } = (await call('GET', '/v1/dashboard', undefined, { 'cache-control': 'no-cache' })).body;
    const ids = panels.portfolios.items.map((item: { portfolioId: string }) => item.portfolioId);
    expect(ids.sort()).toEqual(['after', 'before']);
    expect([socket.connected, closed]).toEqual([true, []]);
  });
});
