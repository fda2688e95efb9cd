import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Database, Transactions } from '#database';
import { databaseConfig } from '#database/config';
import { DeliveryQueue } from '#deliveries';
import { deliveriesConfig } from '#deliveries/config';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { forkNode } from '../setup/forked-node.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { SHORT_LIVED } from '../setup/short-lived.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { testEnvironment, testInternals } from '../setup/test-environment.js';

const ENDPOINTS = 4;
const MESSAGES = 80;
const LEASE_MS = 4_000;

describe('a worker process that is paused (SIGSTOP) for longer than its lease', () => {
  let database: TestDatabase;
  let receiver: Receiver;
  let web: TestApp;
  let paused: ChildProcess;
  let other: TestApp | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    receiver = await Receiver.start();
    web = await startTestApp({ database, env: { DESKWIRE_ROLE: 'web', EGRESS_ALLOW_PRIVATE: 'true' } });
    const worker = { DESKWIRE_ROLE: 'worker', EGRESS_ALLOW_PRIVATE: 'true', ...SHORT_LIVED };
    paused = forkNode('desk-process', testEnvironment(database.url, worker), [
      ...testInternals,
      deliveriesConfig.with({ leaseMs: LEASE_MS, pollMs: 50 }),
      // It may be paused while it records outcomes. PostgreSQL then ends its open transaction, which locks the lanes.
      databaseConfig.with({ idleInTransactionTimeoutMs: LEASE_MS }),
    ]);
    await new Promise<void>((resolve, reject) => {
      paused.on('message', (message: { ready?: unknown; failed?: string }) => {
        if (message.ready) resolve();
        if (message.failed) reject(new Error(message.failed));
      });
    });
  }, 300_000);
  afterAll(async () => {
    const ended = once(paused, 'exit');
    paused.kill('SIGKILL');
    await ended;
    await Promise.all([web.close(), other?.close()]);
    await receiver.stop();
    await database.drop();
  });

  const ids = async (where: string): Promise<string[]> => {
    const rows = await web
      .get(Database)
      .rows<{ id: string }>(`SELECT message_id AS id FROM alert_delivery_queue WHERE ${where}`);
    return rows.map(({ id }) => id);
  };
  const receivedIds = () => receiver.receipts.map(({ messageId }) => messageId);

  it('a paused worker loses nothing and doubles at most the deliveries it had in flight', async () => {
    const { token } = await web.login('operator');
    const endpoints = await Promise.all(
      Array.from({ length: ENDPOINTS }, async (_, n) => {
        const body = { url: `${receiver.url}/${n}`, desk: true };
        return (await web.request('POST', '/v1/webhooks', { token, body })).body.id as string;
      }),
    );
    // The endpoints answer the first 20 messages and no more, so the process has sends in flight and more deliveries
    // waiting.
    const unanswered: (() => void)[] = [];
    for (let n = 0; n < ENDPOINTS; n++)
      receiver.answers.set(String(n), (_receipt, response) => {
        const answer = () => void response.writeHead(204).end();
        if (receiver.receipts.length <= 20) answer();
        else unanswered.push(answer);
      });
    await web.get(Transactions).atomic(() =>
      web.get(DeliveryQueue).enqueue(
        Array.from({ length: MESSAGES }, (_, n) => ({
          alertId: null,
          endpointId: endpoints[n % ENDPOINTS]!,
          messageId: `m-${n}`,
          body: '{}',
        })),
      ),
    );
    await eventually(() => expect(unanswered.length).toBeGreaterThan(10));
    paused.kill('SIGSTOP');
    receiver.answers.clear();
    // Claimed and not recorded: in flight, or about to be sent.
    const inFlight = await ids(`status = 'sending'`);
    expect(inFlight.length).toBeGreaterThan(10);

    other = await startTestApp({
      database,
      env: { DESKWIRE_ROLE: 'worker', EGRESS_ALLOW_PRIVATE: 'true' },
      internals: [deliveriesConfig.with({ pollMs: 50 })],
    });
    // The other process sends everything after the lease of the paused one.
    await eventually(async () => expect(await ids(`status <> 'delivered'`)).toEqual([]));
    for (const answer of unanswered) answer();
    paused.kill('SIGCONT');
    // It runs again when it has renewed its lease. Then it works as before.
    const awake = async () =>
      web.get(Database).rows('SELECT 1 FROM delivery_workers WHERE lease_until > now() HAVING count(*) = 2');
    await eventually(async () => expect(await awake()).toHaveLength(1));
    await web
      .get(Transactions)
      .atomic(() =>
        web
          .get(DeliveryQueue)
          .enqueue(
            endpoints.map((endpointId, n) => ({ alertId: null, endpointId, messageId: `after-${n}`, body: '{}' })),
          ),
      );
    await eventually(async () => expect(await ids(`status <> 'delivered'`)).toEqual([]));

    const times = new Map<string, number>();
    for (const id of receivedIds()) times.set(id, (times.get(id) ?? 0) + 1);
    expect(times.size).toBe(MESSAGES + ENDPOINTS);
    const doubled = [...times].filter(([, n]) => n > 1);
    expect(doubled.filter(([id, n]) => n > 2 || !inFlight.includes(id))).toEqual([]);
    // It was paused during sends, which had to be repeated because their outcome was unknown.
    expect(doubled.length).toBeGreaterThan(10);
  }, 300_000);
});
