import { jest } from '@jest/globals';
import pg from 'pg';
import type { Environment, InternalValues } from '#config';
import type { StartupStep } from '../../../libs/database/startup.js';
import { PinoLogger } from '#telemetry';
import { databaseConfig } from '#database/config';
import { type RunningApp, startApp } from '../../../apps/api/start-app.js';
import { migrations } from '../../../migrations/index.js';
import { eventually } from '../../setup/eventually.js';
import { createEmptyDatabase, createTestDatabase, migratorOf, type TestDatabase } from '../../setup/test-database.js';
import { testEnvironment, testInternals } from '../../setup/test-environment.js';
import { FaultProxy } from '../../setup/fault-proxy.js';

interface StartupBody {
  phase: string;
  steps: StartupStep[];
  pendingMigrations: string[];
}

let database: TestDatabase;
let running: RunningApp | undefined;
let proxy: FaultProxy | undefined;

const closeAll = async () => {
  await running?.app.close();
  await proxy?.become('refuse');
  running = proxy = undefined;
  await database.drop();
};

const start = async (url: string, env: Environment = {}, internals: readonly InternalValues[] = []) =>
  (running = await startApp(testEnvironment(url, env), [...testInternals, ...internals]));
const get = async (path: string) => {
  const response = await fetch(running!.url + path);
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
};
const startup = async () => {
  const { status, body } = await get('/health/startup');
  return { status, ...(body as StartupBody) };
};
async function sql(text: string): Promise<void> {
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(text);
  await client.end();
}

async function expectWaiting(said: RegExp): Promise<void> {
  await eventually(async () => {
    const { status, phase, steps } = await startup();
    expect([status, phase]).toEqual([503, 'connect']);
    expect(steps.at(-1)).toMatchObject({ phase: 'connect', lastError: expect.stringMatching(said) });
    expect(steps.at(-1)!.attempts).toBeGreaterThanOrEqual(3);
  });
  expect((await get('/health/live')).status).toBe(200);
  expect(await get('/health/ready')).toMatchObject({ status: 503, body: { reasons: { startup: 'connect' } } });
  expect((await get('/health')).status).toBe(503);
}

async function expectReadyWhenItComes(): Promise<void> {
  await proxy!.become('pass');
  await running!.ready;
  expect((await get('/health/ready')).status).toBe(200);
  await eventually(async () => expect((await get('/health')).status).toBe(200));
}

// One desk: each test leaves it waiting for the next one.
describe('the start, while PostgreSQL refuses connections', () => {
  afterAll(closeAll);

  it('the start retries with growing random pauses of at most 1 s, so that nodes do not retry together', async () => {
    const knocks: { at: number; nextMs: number }[] = [];
    const warn = jest.spyOn(PinoLogger.prototype, 'warn').mockImplementation((message) => {
      const { attempt, nextMs } = message as { attempt?: number; nextMs: number };
      if (attempt !== undefined) knocks.push({ at: performance.now(), nextMs });
    });
    try {
      database = await createTestDatabase();
      proxy = await new FaultProxy(database.url).start('refuse');
      await start(proxy.url);
      await eventually(() => expect(knocks.length).toBeGreaterThanOrEqual(10));
    } finally {
      warn.mockRestore();
    }
    const waits = knocks.map(({ nextMs }) => nextMs);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
    expect(waits[0]).toBeLessThanOrEqual(100);
    expect(Math.max(...waits)).toBeGreaterThan(200); // of ten, seven are of 400 ms and more at the most: once in a million runs all are short
    expect(new Set(waits).size).toBeGreaterThan(3);
    // Rounding and the coarser clock of timers: 2 ms.
    for (const [n, { at, nextMs }] of knocks.slice(0, -1).entries())
      expect(knocks[n + 1]!.at - at).toBeGreaterThanOrEqual(nextMs - 2);
  });

  it('the start answers requests that need the database with 503 and Retry-After until it is ready', async () => {
    const response = await fetch(`${running!.url}/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'a@b.example', password: 'not of importance' }),
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ code: 'DATABASE_STARTING' });
  });

  it('the start reports that it waits, and becomes ready when PostgreSQL comes', async () => {
    await expectWaiting(/ECONNREFUSED/);
    await expectReadyWhenItComes();
  });
});

describe('the start', () => {
  afterEach(closeAll);

  it('the start passes every phase in order and records their times', async () => {
    database = await createEmptyDatabase();
    await start(database.url);
    await running!.ready;
    const { status, steps } = await startup();
    expect([status, steps.map((step) => step.phase)]).toEqual([
      200,
      ['connect', 'lock', 'migrate', 'auth', 'checks', 'ready'],
    ]);
    const times = steps.map((step) => Date.parse(step.at));
    expect(times).toEqual([...times].sort());
    expect((await migratorOf(database.url).status()).every((row) => row.state === 'applied')).toBe(true);
  });

  it('the start reports that it waits for a PostgreSQL that takes connections and says nothing, until it speaks', async () => {
    database = await createTestDatabase();
    proxy = await new FaultProxy(database.url).start('hang');
    await start(proxy.url, {}, [databaseConfig.with({ acquireTimeoutMs: 300 })]);
    await expectWaiting(/timeout/);
    await expectReadyWhenItComes();
  });

  it('the start ends when it is stopped while it waits, and leaves no connection', async () => {
    database = await createTestDatabase();
    proxy = await new FaultProxy(database.url).start('refuse');
    await start(proxy.url);
    await eventually(async () => expect((await startup()).steps.at(-1)!.attempts).toBeGreaterThan(0));
    const { ready, app } = running!;
    await app.close();
    await ready;
    running = undefined;
  });

  it('the start refuses a schema newer than the code', async () => {
    database = await createTestDatabase();
    await sql(
      `INSERT INTO migrations ("timestamp", name, checksum) VALUES (1999999999999, 'AddTomorrow1999999999999', 'x')`,
    );
    for (const DATABASE_MIGRATE_ON_START of ['true', 'false']) {
      await start(database.url, { DATABASE_MIGRATE_ON_START });
      await expect(running!.ready).rejects.toMatchObject({
        name: 'SchemaNewerError',
        unknown: ['AddTomorrow1999999999999'],
      });
      expect(await startup()).toMatchObject({ status: 503, phase: 'failed' });
      expect((await startup()).steps.at(-1)!.lastError).toContain('AddTomorrow1999999999999');
      expect((await get('/health/ready')).status).toBe(503);
      await running!.app.close();
    }
    running = undefined;
  });

  it('the start refuses an applied migration that was edited', async () => {
    database = await createTestDatabase();
    await sql(`UPDATE migrations SET checksum = md5('another') WHERE name LIKE 'CreateUsers%'`);
    await start(database.url);
    await expect(running!.ready).rejects.toMatchObject({
      name: 'MigrationEditedError',
      edited: ['CreateUsers1766000000002'],
    });
  });

  it('fails at once with a wrong password, which waiting cannot fix', async () => {
    database = await createTestDatabase();
    const url = new URL(database.url);
    url.password = 'wrong';
    await start(url.href);
    await expect(running!.ready).rejects.toMatchObject({ code: '28P01' });
    expect(JSON.stringify(await startup())).not.toContain('wrong');
  });

  it('the start waits, not ready, until the migrations are applied if DATABASE_MIGRATE_ON_START is false', async () => {
    database = await createEmptyDatabase();
    await start(database.url, { DATABASE_MIGRATE_ON_START: 'false' });
    await eventually(async () => expect((await startup()).pendingMigrations).toHaveLength(migrations.length));
    expect(await startup()).toMatchObject({ status: 503, phase: 'migrate' });
    expect((await get('/health/ready')).status).toBe(503);
    expect((await fetch(`${running!.url}/metrics`).then((response) => response.text())).split('\n')).toContain(
      `database_migrations_pending ${migrations.length}`,
    );
    await migratorOf(database.url).up();
    await running!.ready;
    expect(await startup()).toMatchObject({ status: 200, pendingMigrations: [] });
  });
});
