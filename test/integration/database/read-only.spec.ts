import { jest } from '@jest/globals';
import pg from 'pg';
import { Database, DataSources, Transactions } from '#database';
import { PinoLogger } from '#telemetry';
import { databaseConfig } from '#database/config';
import { changesConfig } from '#changes/config';
import { sessionsConfig } from '#sessions/config';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { contracts, kiteCsv } from '../instruments/masters.fixture.js';
import { schema } from '../../../migrations/schema.js';
import { eventually } from '../../setup/eventually.js';
import { startTestApp, type TestApp } from '../../setup/test-app.js';

const SESSION = {
  broker: 'zerodha',
  account: 'AB1',
  accessToken: 'a-token-of-the-broker',
  loginMethod: 'totp',
  expiresAt: '2031-01-01T00:00:00Z',
  details: {},
};
const SNAPSHOT = {
  broker: 'zerodha',
  account: 'AB1',
  asOf: '2026-08-17T03:45:00Z',
  currency: 'INR',
  cash: '1000.00',
  positions: [],
};
const MASTER = { body: Buffer.from(kiteCsv(contracts(3))), headers: { 'content-type': 'text/csv' } };

describe('DB_READONLY', () => {
  const complaints: unknown[] = [];
  let database: TestDatabase;
  let desk: TestApp;
  let token: string;
  let refreshToken: string;
  let instrumentId: string;
  let password: { email: string; password: string };

  beforeAll(async () => {
    database = await createTestDatabase();
    const before = await startTestApp({ database });
    const admin = await before.login('admin');
    [token, refreshToken, password] = [
      admin.token,
      admin.refreshToken,
      { email: admin.email, password: admin.password },
    ];
    expect((await before.request('PUT', '/v1/sessions', { token, body: SESSION })).status).toBe(200);
    expect((await before.request('PUT', '/v1/portfolios/p1/snapshot', { token, body: SNAPSHOT })).status).toBe(200);
    expect((await before.request('POST', '/v1/instruments/imports?broker=zerodha', { token, ...MASTER })).status).toBe(
      201,
    );
    instrumentId = (await before.request('GET', '/v1/instruments?broker=zerodha', { token })).body.items[0].id;
    await before.close();
    // Collects log lines from the first one, because failures occur during the start.
    for (const level of ['warn', 'error'] as const)
      jest.spyOn(PinoLogger.prototype, level).mockImplementation((message) => void complaints.push(message));
    desk = await startTestApp({
      database,
      env: { DB_READONLY: 'true' },
      internals: [changesConfig.with({ pollMs: 50 }), sessionsConfig.with({ expiryPollMs: 100 })],
    });
  });
  afterAll(async () => {
    await desk.close();
    jest.restoreAllMocks();
    await database.drop();
  });

  it('DB_READONLY refuses every write with 503 and Retry-After', async () => {
    const writes: [string, string, unknown][] = [
      ['PUT', '/v1/sessions', { ...SESSION, accessToken: 'another' }],
      ['PUT', '/v1/portfolios/p1/snapshot', { ...SNAPSHOT, asOf: '2026-08-17T03:46:00Z' }],
      ['POST', '/v1/portfolios/snapshots', { snapshots: [{ ...SNAPSHOT, portfolioId: 'p2' }] }],
      [
        'POST',
        '/v1/quotes',
        { quotes: [{ broker: 'zerodha', key: 'NSE|1', price: '1', asOf: '2026-08-17T03:46:00Z' }] },
      ],
      ['POST', '/v1/users', { email: 'new@test.example', roles: ['viewer'] }],
      ['POST', '/v1/auth/login', password],
      ['POST', '/v1/auth/logout', undefined],
      ['PUT', `/v1/watchlist/${instrumentId}`, undefined],
      ['DELETE', `/v1/watchlist/${instrumentId}`, undefined],
    ];
    for (const [method, path, body] of writes) {
      const answer = await desk.request(method, path, { token, body });
      expect([path, answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
        path,
        503,
        'DATABASE_READ_ONLY',
        '30',
      ]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    const imported = await desk.request('POST', '/v1/instruments/imports?broker=zerodha', { token, ...MASTER });
    expect([imported.status, imported.body.code, imported.headers.get('retry-after')]).toEqual([
      503,
      'DATABASE_READ_ONLY',
      '30',
    ]);
  });

  it('DB_READONLY keeps users signed in: each refresh gives a new access token', async () => {
    for (let n = 0; n < 2; n++) {
      const { status, body } = await desk.request('POST', '/v1/auth/refresh', { body: { refreshToken } });
      expect([status, body.refreshToken]).toEqual([200, refreshToken]);
      expect((await desk.request('GET', '/v1/auth/me', { token: body.accessToken })).status).toBe(200);
    }
  });

  it('DB_READONLY serves stored data, the dashboard and health', async () => {
    const read = async (path: string) => {
      const { status, body } = await desk.request('GET', path, { token });
      expect([path, status]).toEqual([path, 200]);
      return body;
    };
    expect((await read('/v1/auth/me')).email).toBe(password.email);
    expect((await read('/v1/sessions')).items).toMatchObject([{ account: 'AB1', tokenEpoch: 1 }]);
    expect((await read('/v1/portfolios/p1')).cash).toBe('1000.00');
    expect((await read('/v1/dashboard?panels=portfolios')).panels.portfolios.items).toMatchObject([
      { portfolioId: 'p1' },
    ]);
    expect((await read('/health')).checks.database).toMatchObject({ readOnly: true });
    expect((await read('/health/ready')).status).toBe('ready');
  });

  it('DB_READONLY is enforced by the server for all statements of the app pool, inside a transaction and outside', async () => {
    const [db, transactions] = [desk.get<Database>(Database), desk.get<Transactions>(Transactions)];
    expect(db.readOnly).toBe(true);
    const write = () => db.run('DELETE FROM change_feed');
    await expect(write()).rejects.toMatchObject({ code: '25006' });
    await expect(transactions.atomic(write)).rejects.toMatchObject({ code: '25006' });
  });

  it('DB_READONLY stops all background work that writes', async () => {
    // Five more runs of the tasks that stay on. Tasks that write would have run at the end of the start.
    await new Promise<void>((resolve) => {
      let rounds = 0;
      desk
        .get<DataSources>(DataSources)
        .pool('app')
        .on('acquire', () => ++rounds === 5 && resolve());
    });
    expect(complaints).toEqual([]);
  });
});

describe('a database that is made read-only and writable again by hand', () => {
  let database: TestDatabase;
  let administrator: pg.Client;
  let sources: DataSources;

  beforeAll(async () => {
    database = await createTestDatabase();
    administrator = new pg.Client({ connectionString: database.url });
    await administrator.connect();
    sources = new DataSources(databaseConfig.read({ DATABASE_URL: database.url, DATABASE_POOL_MAX: '3' }), schema);
  });
  afterAll(async () => {
    await sources.onApplicationShutdown();
    await administrator.end();
    await database.drop();
  });

  it('connections that were opened meanwhile are replaced, also if nothing was refused on them then', async () => {
    const { rows } = await administrator.query<{ name: string }>('SELECT current_database() AS name');
    const setting = `ALTER DATABASE ${rows[0]!.name}`;
    await administrator.query(`${setting} SET default_transaction_read_only = on`);
    await sources.app.initialize();
    const clients = await Promise.all([1, 2, 3].map(() => sources.pool('app').connect()));
    for (const client of clients) client.release();
    await administrator.query(`${setting} RESET default_transaction_read_only`);
    const write = () => sources.app.query('UPDATE users SET email = email');
    await expect(write()).rejects.toMatchObject({ driverError: { code: '25006' } });
    await eventually(() => Promise.all([write(), write(), write()]));
  });
});
