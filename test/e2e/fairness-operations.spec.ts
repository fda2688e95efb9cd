import type { Role } from '#auth';
import type { RateClassName } from '../../libs/throttling/route-policy.js';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { throttlingConfig } from '#throttling';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { type AttackedOperation, attackFromProcess, keepCoreBusy } from './attack.fixture.js';
import {
  type DashboardSample,
  expectFair,
  expectUnfair,
  measureFairness,
  sampleDashboard,
  takePriority,
  unfairness,
} from './fairness.fixture.js';
import { ForkedDesk } from './forked-desk.fixture.js';

/** The long form, in `npm run test:chaos`: every operation of the document instead of one per class. */
const EVERY = process.env['CHAOS_OPERATIONS'] === 'every';
const CALLERS = 20;
const SAMPLES = EVERY ? 100 : 25;
/** For the pair of bulk writes with and without turns. The negative control is part of the long form. */
const MANY_CALLERS = 30;

const ID = '01920000-0000-7000-8000-000000000001';
const AS_OF = '2026-11-25T09:30:00Z';
const positions = Array.from({ length: 100 }, (_, n) => ({
  ...{ key: `K${n}`, quantity: '10', averagePrice: '100', lastPrice: '101', previousClose: '100' },
}));
const snapshots = (length: number) =>
  Array.from({ length }, (_, n) => ({
    ...{
      portfolioId: `attacker-${n}`,
      broker: 'made',
      account: 'A',
      asOf: AS_OF,
      currency: 'USD',
      cash: '1',
      positions,
    },
  }));

/** One operation of each class, with a valid body. */
const BY_CLASS: Record<RateClassName | 'costly', AttackedOperation> = {
  login: { method: 'POST', path: '/v1/auth/login', body: { email: 'nobody@example.com', password: 'not this one' } },
  read: { method: 'GET', path: '/v1/portfolios' },
  write: {
    ...{ method: 'PUT', path: '/v1/portfolios/attacker/snapshot' },
    body: { broker: 'made', account: 'A', asOf: AS_OF, currency: 'USD', cash: '1', positions },
  },
  bulk: { method: 'POST', path: '/v1/portfolios/snapshots', body: { snapshots: snapshots(5) } },
  costly: { method: 'GET', path: '/v1/instruments?query=acme26&limit=5' },
  none: { method: 'GET', path: '/metrics' },
};

const BULK: AttackedOperation = { ...BY_CLASS.bulk, body: { snapshots: snapshots(20) } };

/** Values for path parameters, so that a request reaches its handler. */
const PARAMETERS: Record<string, string> = { portfolioId: 'attacker', broker: 'made', name: 'NSE', accession: ID };

describe('callers of one principal', () => {
  let database: TestDatabase;
  let helper: TestApp;
  let desk: ForkedDesk;
  let other: string;
  let attacker: string;
  let quiet: DashboardSample;
  let leavePriority: () => void;

  const seen = () => sampleDashboard(desk, other, SAMPLES);
  const baseline = async () => {
    const stop = await keepCoreBusy();
    try {
      return await seen();
    } finally {
      await stop();
    }
  };
  const logIn = async (role: Role) => (await helper.login(role)).token;

  beforeAll(async () => {
    leavePriority = takePriority();
    database = await createTestDatabase();
    // Creates users. The desk under attack is another process, because its clients would take its CPU time.
    helper = await startTestApp({ database, env: { DESKWIRE_ROLE: 'web' } });
    desk = await ForkedDesk.start(database);
    [other, attacker] = [await logIn('trader'), await logIn('admin')];
    const body = kiteCsv(contracts(5_000));
    const master = { token: attacker, body, headers: { 'content-type': 'text/csv' } };
    expect((await helper.request('POST', '/v1/instruments/imports?broker=zerodha', master)).status).toBe(201);
    await seen();
    quiet = await baseline();
  });
  afterAll(async () => {
    await desk.kill();
    await helper.close();
    await database.drop();
    leavePriority();
  });

  async function breachesOf(operation: AttackedOperation, callers = CALLERS): Promise<string[]> {
    const stop = await attackFromProcess(desk.url, operation, attacker, callers);
    const attacked = await seen();
    const statuses = await stop();
    // The attack may have ended its own login.
    if ('401' in statuses) attacker = await logIn('admin');
    const failed = Object.keys(statuses).filter((status) => Number(status) >= 500 && status !== '503');
    let breaches = unfairness([quiet], attacked);
    // Perhaps the machine has become busier since.
    if (breaches.length > 0) {
      const before = quiet;
      quiet = await baseline();
      breaches = unfairness([before, quiet], attacked);
    }
    return [...breaches, ...failed.map((status) => `answered ${status}`)];
  }

  // One of the two forms is defined, so that none counts as skipped.
  if (EVERY) {
    it('callers of one principal do not slow the dashboard of another user, with every operation of the document', async () => {
      const unfair: Record<string, string[]> = {};
      for (const operation of await documented()) {
        const breaches = await measureFairness(() => breachesOf(operation));
        if (breaches.length > 0) unfair[`${operation.method} ${operation.path}`] = breaches;
      }
      expect(unfair).toEqual({});
    }, 3_600_000);

    it('callers that write in bulk without turns slow the dashboard of another user (negative control)', async () => {
      const withTurns = desk;
      desk = await ForkedDesk.start(database, {}, [throttlingConfig.with({ bulkWritesAtOnce: 1_000 })]);
      try {
        await seen();
        quiet = await baseline();
        await expectUnfair([MANY_CALLERS, 2 * MANY_CALLERS, 4 * MANY_CALLERS], (callers) => breachesOf(BULK, callers));
      } finally {
        await desk.kill();
        desk = withTurns;
      }
    }, 240_000);
  } else {
    it.each(Object.entries(BY_CLASS))(
      'callers of one principal do not slow the dashboard of another user: %s',
      (_class, operation) => expectFair(() => breachesOf(operation)),
    );

    it('many callers that write in bulk do not slow the dashboard of another user', async () => {
      await expectFair(() => breachesOf(BULK, MANY_CALLERS));
    }, 240_000);
  }

  async function documented(): Promise<AttackedOperation[]> {
    const { body } = await desk.request('GET', '/openapi.json');
    const operations = Object.entries(body.paths as Record<string, object>).flatMap(([template, methods]) =>
      Object.keys(methods).map((method): AttackedOperation => {
        const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[name] ?? ID);
        return { method: method.toUpperCase(), path, ...(/^(get|delete)$/.test(method) ? {} : { body: {} }) };
      }),
    );
    expect(operations.length).toBeGreaterThan(70);
    return operations;
  }
});
