import { authConfig } from '#auth/config';
import { databaseConfig } from '#database/config';
import { FaultProxy } from '../setup/fault-proxy.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

describe('a PostgreSQL that keeps its connections and says nothing', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let desk: TestApp;
  let token: string;

  async function start(status: { statusQueryMs: number; statusGraceMs?: number }): Promise<void> {
    database = await createTestDatabase();
    proxy = await new FaultProxy(database.url).start('pass');
    desk = await startTestApp({
      database: { url: proxy.url, drop: () => Promise.resolve() },
      internals: [
        authConfig.with({ statusTtlMs: 50, ...status }),
        databaseConfig.with({
          acquireTimeoutMs: 5_000,
          statementTimeoutMs: 10_000,
          analyticsStatementTimeoutMs: 5_000,
        }),
      ],
    });
    ({ token } = await desk.login('trader'));
    expect((await dashboard()).status).toBe(200);
  }
  afterEach(async () => {
    proxy.thaw();
    await desk.close();
    await proxy.become('refuse');
    await database.drop();
  });

  const dashboard = () => desk.request('GET', '/v1/dashboard', { token });
  const write = () =>
    desk.request('PUT', '/v1/portfolios/p1/snapshot', {
      token,
      body: { broker: 'b', account: 'A', asOf: '2026-11-02T03:45:00Z', currency: 'INR', cash: '1', positions: [] },
    });

  it('while PostgreSQL is silent, dashboards are readable and marked stale and writes are refused, until it answers again', async () => {
    await start({ statusQueryMs: 1_000 });
    proxy.freeze();
    await eventually(async () => {
      const { status, body } = await dashboard();
      expect([status, body.source]).toEqual([200, 'stale']);
      expect(body.ageMs).toBeGreaterThan(1_000);
    });
    const refused = await write();
    expect([refused.status, refused.body.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
    proxy.thaw();
    await eventually(async () => expect((await write()).status).toBe(200));
    await eventually(async () => expect((await dashboard()).body.source).not.toBe('stale'));
  }, 60_000);

  it('while PostgreSQL is silent, reads are refused once the cached status of the caller is too old', async () => {
    await start({ statusQueryMs: 300, statusGraceMs: 1_500 });
    proxy.freeze();
    await eventually(async () => {
      const { status, body } = await dashboard();
      expect([status, body.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
    });
  }, 60_000);
});
