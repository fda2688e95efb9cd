import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { deliveriesConfig } from '#deliveries/config';
import { Egress } from '#egress';
import { SessionsService, SessionTokens } from '#sessions';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { testEnvironment } from '../setup/test-environment.js';
import { CommandLine } from './command-line.fixture.js';

const { WEBHOOK_ENCRYPTION_KEY: OLD_WEBHOOK, SESSIONS_ENCRYPTION_KEY: OLD_SESSIONS } = testEnvironment('') as Record<
  string,
  string
>;
const [NEW_WEBHOOK, NEW_SESSIONS] = [randomBytes(32).toString('base64'), randomBytes(32).toString('hex')];
/** Pause of each client, so that the command gets most of the processors. */
const PACE_MS = 100;
const FAST = [deliveriesConfig.with({ pollMs: 50 })];
const STEP_ONE = {
  WEBHOOK_ENCRYPTION_KEYS_PREVIOUS: NEW_WEBHOOK,
  SESSIONS_ENCRYPTION_KEYS_PREVIOUS: NEW_SESSIONS,
};
const STEP_TWO = {
  WEBHOOK_ENCRYPTION_KEY: NEW_WEBHOOK,
  WEBHOOK_ENCRYPTION_KEYS_PREVIOUS: OLD_WEBHOOK!,
  SESSIONS_ENCRYPTION_KEY: NEW_SESSIONS,
  SESSIONS_ENCRYPTION_KEYS_PREVIOUS: OLD_SESSIONS!,
};
const STEP_FIVE = { WEBHOOK_ENCRYPTION_KEY: NEW_WEBHOOK, SESSIONS_ENCRYPTION_KEY: NEW_SESSIONS };

describe('a change of both encryption keys by the documented steps', () => {
  let database: TestDatabase;
  let folder: CommandLine;
  let receiver: TestReceiver;
  const apps: TestApp[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = new CommandLine();
    receiver = await new TestReceiver().open();
  });
  afterAll(async () => {
    for (const app of apps) await app.close();
    await receiver.close();
    folder.remove();
    await database.drop();
  });

  const start = async (env: Record<string, string>): Promise<TestApp> => {
    const app = await startTestApp({ database, env, internals: FAST });
    app.get(Egress).allow(receiver.host);
    apps.push(app);
    return app;
  };
  const secrets = async (command: string, env: Record<string, string>) => {
    const run = folder.run(['secrets', command, '--json'], { DATABASE_URL: database.url, ...env });
    return { exit: await run.exit, ...(JSON.parse(run.stdout) as { rewrapped: number; failed: unknown[] }) };
  };

  it('deliveries, new secrets and URLs, and saved tokens go on during deskwire secrets rewrap, and none fails', async () => {
    const one = await start(STEP_ONE);
    const { token, userId } = await one.login('operator');
    const endpoints: string[] = [];
    const add = async () => {
      const { body } = await one.request('POST', '/v1/webhooks', { token, body: { url: receiver.url } });
      endpoints.push(body.id);
      receiver.secrets = [...receiver.secrets, body.secret];
    };
    for (let n = 0; n < 10; n += 1) await add();
    const two = await start(STEP_TWO);

    let loading = true;
    let [sent, saved, opened] = [0, 0, 0];
    const deliver = async () => {
      while (loading) {
        const batch = endpoints.map((endpointId) => ({
          alertId: null,
          endpointId,
          messageId: `m${sent++}`,
          body: '{}',
        }));
        const app = apps[sent % 2]!;
        await app.get(Transactions).atomic(() => app.get(DeliveryQueue).enqueue(batch));
        await eventually(() => expect(sent - receiver.receipts.length).toBeLessThan(30));
        await pause(PACE_MS);
      }
    };
    const trade = async (app: TestApp, account: string) => {
      const key = { broker: 'zerodha', account };
      for (let n = 0; loading; n += 1) {
        const session = { ...key, loginMethod: 'oauth' as const, expiresAt: '2031-01-01T00:00:00Z', details: {} };
        await app.get(SessionsService).save(userId, { ...session, accessToken: `token-${account}-${n}` });
        saved += 1;
        for (const reader of [one, two]) {
          const open = await reader.get(SessionTokens).open({ userId, ...key });
          expect(open.token.reveal()).toBe(`token-${account}-${n}`);
          opened += 1;
        }
        await pause(PACE_MS);
      }
    };
    // An old secret also signs after a rotation, so the receiver knows one of both in any order of events.
    const change = async () => {
      for (let n = 0; loading && n < 40; n += 1) {
        const id = endpoints[n % endpoints.length]!;
        const { status, body } = await one.request('POST', `/v1/webhooks/${id}/rotate-secret`, { token });
        if (status === 200) receiver.secrets = [...receiver.secrets, body.secret];
      }
    };
    const load = Promise.all([deliver(), trade(one, 'A1'), trade(two, 'A2'), trade(one, 'A3'), change()]);
    await eventually(() => expect(Math.min(receiver.receipts.length, saved)).toBeGreaterThan(30));
    const first = await secrets('rewrap', STEP_TWO);
    expect(first.failed).toEqual([]);
    expect(first.rewrapped).toBeGreaterThan(20);
    const enough = receiver.receipts.length + 50;
    await eventually(() => expect(receiver.receipts.length).toBeGreaterThan(enough));
    loading = false;
    await load;
    await eventually(() => expect(receiver.receipts.length).toBe(sent));
    expect(receiver.receipts.filter(({ verified }) => !verified)).toEqual([]);
    expect(opened).toBeGreaterThan(60);

    // The process of step one may have sealed with the old key after the rewrap. When it has ended, a second run finishes.
    await apps.shift()!.close();
    const second = await secrets('rewrap', STEP_TWO);
    expect([second.exit, second.failed]).toEqual([0, []]);
    expect((await secrets('status', STEP_FIVE)).exit).toBe(0);
    const five = await start(STEP_FIVE);
    receiver.receipts.length = 0;
    for (const id of endpoints) {
      const { body } = await five.request('POST', `/v1/webhooks/${id}/test`, { token });
      expect(body.delivered).toBe(true);
    }
    for (const account of ['A1', 'A2', 'A3'])
      expect((await five.get(SessionTokens).open({ userId, broker: 'zerodha', account })).token.reveal()).toContain(
        account,
      );
  });
});
