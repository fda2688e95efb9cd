import pg from 'pg';
import type { InternalValues } from '#config';
import { Database } from '#database';
import { alertsConfig } from '#alerts/config';
import { createTestDatabase } from '../setup/test-database.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import {
  boundOf,
  leaveInInbox,
  readDashboard,
  recordHeadlines,
  worstRule,
  worstText,
} from '../e2e/alert-budgets.fixture.js';

type User = Awaited<ReturnType<TestApp['login']>>;

/** Longest account that a snapshot may have. */
const ACCOUNT = 64;
const READS = 40;
const ROUNDS = 3;
/** Evaluation in the main thread, without a time limit and without a limit for a user's patterns. */
const UNBOUND = alertsConfig.with({
  ...{ inThread: false, ruleMs: 1e9, ownerMs: 1e9, sliceMs: 1e9, recorderPatienceMs: 1e9, patternSizePerUser: 1e9 },
});

const test100Events = (app: TestApp, { token }: User) =>
  app.request('POST', '/v1/alert-rules/test', {
    token,
    body: { rule: worstRule('payload.title', 2), events: 100 },
  });

const bulkOf50 = (app: TestApp, { token }: User, round: number) =>
  app.request('POST', '/v1/portfolios/snapshots', {
    token,
    body: {
      snapshots: Array.from({ length: 50 }, (_, n) => ({
        portfolioId: `p${round}-${n}`,
        ...{
          broker: 'zerodha',
          account: worstText(ACCOUNT),
          asOf: new Date().toISOString(),
          currency: 'INR',
          cash: '1',
        },
        positions: [],
      })),
    },
  });

/** Whether another user's dashboard keeps to its bound during the attack, in each of some rounds: the machine has other work. */
async function roundsWithin(
  app: TestApp,
  other: User,
  attack: (round: number) => Promise<unknown>,
): Promise<boolean[]> {
  const rounds: boolean[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const baseline = await readDashboard(app, other.token, READS);
    const attacked = await readDashboard(app, other.token, READS, attack(round));
    expect([...baseline.statuses, ...attacked.statuses]).toEqual([200, 200]);
    rounds.push(attacked.p99 <= boundOf(baseline));
  }
  return rounds;
}

async function saveRules(app: TestApp, { token }: User, count: number, field: string, patterns = 1): Promise<void> {
  for (let n = 0; n < count; n++)
    expect(await app.request('POST', '/v1/alert-rules', { token, body: worstRule(field, patterns, n) })).toMatchObject({
      status: 201,
    });
}

describe('alert rules with the largest patterns', () => {
  let app: TestApp;
  let [attacker, other]: User[] = [] as never;

  beforeAll(async () => {
    app = await startTestApp();
    [attacker, other] = [await app.login('trader'), await app.login('trader')];
    await recordHeadlines(app, 100, 5_000);
  });
  afterAll(() => app.close());

  it('alert rules with the largest patterns do not delay another user while a rule is tested on 100 events', async () => {
    const answers: Awaited<ReturnType<typeof test100Events>>[] = [];
    const attack = async () => void answers.push(await test100Events(app, attacker!));
    expect(await roundsWithin(app, other!, attack)).toContain(true);
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body.scanned).toBeGreaterThan(0);
      expect(body.complete && body.exceeded === 0).toBe(false);
    }
  });

  it('alert rules with the largest patterns do not delay another user during a bulk of 50 portfolios with 20 rules', async () => {
    await saveRules(app, attacker!, 20, 'payload.account');
    const attack = async (round: number) => expect((await bulkOf50(app, attacker!, round)).status).toBe(200);
    expect(await roundsWithin(app, other!, attack)).toContain(true);
  });

  it('patterns are refused beyond the size of one pattern, of one rule and of all rules of a user, with the numbers', async () => {
    const save = (body: object) => app.request('POST', '/v1/alert-rules', { token: attacker!.token, body });
    const condition = { op: 'matches', field: 'payload.title', value: '(?:ab?){100}(?:cd?){100}' };
    expect(await save({ ...worstRule('payload.title', 1), condition })).toMatchObject({
      status: 400,
      body: {
        code: 'REQUEST_INVALID',
        errors: [{ field: 'condition.value', allowed: 'a pattern of at most 500 instructions; this has 602' }],
      },
    });
    expect(await save(worstRule('payload.title', 3))).toMatchObject({
      status: 400,
      body: {
        errors: [
          { field: 'condition', allowed: 'patterns of at most 1000 instructions in total; these have 1458 or more' },
        ],
      },
    });
    expect(await save(worstRule('payload.title', 1))).toMatchObject({
      status: 409,
      body: {
        code: 'ALERTS_PATTERNS_TOO_LARGE',
        detail: expect.stringMatching(/10206 instructions .* maximum is 10000/),
      },
    });
  });
});

/** What another user sees of the dashboard while a restarted desk evaluates 5 events against 120 of the largest rules. */
async function readsAfterRestart(internals: InternalValues[]) {
  const database = await createTestDatabase();
  try {
    const before = await startTestApp({ database, env: { DESKWIRE_ROLE: 'web' } });
    for (let n = 0; n < 6; n++) await saveRules(before, await before.login('trader'), 20, 'payload.title');
    const other = await before.login('trader');
    const baseline = await readDashboard(before, other.token, READS);
    await leaveInInbox(before, 5, 5_000);
    await before.close();

    // Another process holds the events until the first measured read: they would be evaluated during the start.
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM event_inbox FOR UPDATE');
    const app = await startTestApp({ database, internals });
    await holder.end();
    const left = () => app.get(Database).rows('SELECT FROM event_inbox');
    const drained = eventually(async () => expect(await left()).toEqual([]), 120_000);
    const attacked = await readDashboard(app, other.token, READS, drained);
    await drained;
    await app.close();
    return { ...attacked, bound: boundOf(baseline) };
  } finally {
    await database.drop();
  }
}

describe('120 alert rules with the largest patterns and events that wait in the inbox', () => {
  it('120 rules with the largest patterns and waiting events do not delay a user after a restart', async () => {
    const { p99, bound, statuses } = await readsAfterRestart([]);
    expect([...statuses]).toEqual([200]);
    expect(p99).toBeLessThan(bound);
  });

  it('the same rules without budgets would delay a user after a restart', async () => {
    const { p99, bound } = await readsAfterRestart([UNBOUND]);
    expect(p99).toBeGreaterThan(bound);
  });
});

describe('alert rules without a budget', () => {
  let app: TestApp;
  let [attacker, other]: User[] = [] as never;

  beforeAll(async () => {
    app = await startTestApp({ internals: [UNBOUND] });
    [attacker, other] = [await app.login('trader'), await app.login('trader')];
    await recordHeadlines(app, 100, 5_000);
  });
  afterAll(() => app.close());

  it('would delay another user while a rule is tested on 100 events', async () => {
    expect(await roundsWithin(app, other!, () => test100Events(app, attacker!))).toContain(false);
  });

  it('would delay another user during a bulk of 50 portfolios', async () => {
    await saveRules(app, attacker!, 100, 'payload.account', 2);
    expect(await roundsWithin(app, other!, (round) => bulkOf50(app, attacker!, round))).toContain(false);
  });
});
