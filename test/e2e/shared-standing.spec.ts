import { setTimeout as pause } from 'node:timers/promises';
import { authConfig } from '#auth/config';
import { cachingConfig } from '#caching/config';
import { databaseConfig } from '#database/config';
import { FaultProxy } from '../setup/fault-proxy.js';
import { eventually } from '../setup/eventually.js';
import { describeWithRedis, RedisServer } from '../setup/redis-server.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

describeWithRedis('a process that reaches Redis and not PostgreSQL', () => {
  let redis: RedisServer;
  let database: TestDatabase;
  let proxy: FaultProxy;
  let cutOff: TestApp;
  let other: TestApp;
  let token: string;
  let working = true;
  let work: Promise<void>;

  beforeAll(async () => {
    redis = await RedisServer.start();
    database = await createTestDatabase();
    proxy = await FaultProxy.start(database.url);
    const env = { REDIS_URL: redis.url };
    other = await startTestApp({ database, env });
    cutOff = await startTestApp({
      database: { url: proxy.url, drop: () => Promise.resolve() },
      env,
      internals: [
        authConfig.with({ statusQueryMs: 300, statusGraceMs: 12_000 }),
        cachingConfig.with({ feedSilentMs: 2_000 }),
        databaseConfig.with({
          // The first read after the freeze waits for two of these, and must end within the grace.
          acquireTimeoutMs: 3_000,
          statementTimeoutMs: 3_000,
          analyticsStatementTimeoutMs: 3_000,
        }),
      ],
    });
    ({ token } = await other.login('operator'));
  });
  afterAll(async () => {
    working = false;
    await work;
    proxy.thaw();
    await cutOff.close();
    await other.close();
    await proxy.become('refuse');
    await database.drop();
    await redis.stop();
  });
  const dashboard = (app: TestApp) => app.request('GET', '/v1/dashboard', { token });
  const stored = async () => {
    const { body } = await other.request('GET', '/v1/system/cache', { token });
    return body.items.find(({ name }: { name: string }) => name === 'credential_status').redis.stored;
  };

  it('a login that another process keeps fresh in Redis serves reads no longer than its grace, marked stale', async () => {
    work = (async () => {
      while (working) {
        await dashboard(other);
        await pause(100); // Paces the load.
      }
    })();
    await eventually(async () => expect((await dashboard(cutOff)).status).toBe(200));
    proxy.freeze();
    await eventually(async () => {
      const { status, body } = await dashboard(cutOff);
      expect([status, body.source]).toEqual([200, 'stale']);
    });
    await eventually(async () => {
      const { status, body } = await dashboard(cutOff);
      expect([status, body.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
    });
    // The other process reaches PostgreSQL, and still stores the status.
    const before = await stored();
    await eventually(async () => expect(await stored()).toBeGreaterThan(before));
    expect((await dashboard(other)).status).toBe(200);
    expect((await dashboard(cutOff)).status).toBe(503);
    proxy.thaw();
    await eventually(async () => expect((await dashboard(cutOff)).status).toBe(200));
  });
});
