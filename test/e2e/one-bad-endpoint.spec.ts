import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Database, Transactions } from '#database';
import { DeliveryLanes, DeliveryQueue } from '#deliveries';
import { DeliveryWake } from '../../libs/deliveries/delivery-wake.js';
import { DeliverySender } from '../../libs/deliveries/sending/delivery-sender.js';
import { deliveriesConfig } from '#deliveries/config';
import { webhooksConfig } from '#webhooks/config';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';

/** With a send of each round they have more connections to the host of all 50 than many HTTP clients allow. */
const HANGING = 9;
const HEALTHY = 41;
const ROUNDS = 8;

/**
 * Measures no time: the nine hang until the test breaks their connections, so a delivery that waited for them would not
 * arrive. `npm run bench -- one-bad-endpoint` compares times.
 */
const FAILED = `SELECT 1 FROM delivery_attempts a JOIN alert_delivery_queue q ON q.id = a.delivery_id
  WHERE q.endpoint_id = ANY ($1::uuid[]) AND a.outcome = 'failed'`;

describe('one bad endpoint hurts nobody: 50 webhooks of one host, 9 of them hang', () => {
  let database: TestDatabase;
  let receiver: Receiver;
  let app: TestApp;
  let endpoints: string[];

  const start = () =>
    startTestApp({
      database,
      env: {
        EGRESS_ALLOW_PRIVATE: 'true',
        THROTTLING_MAX_WRITES: '10000',
        DELIVERIES_MAX_CONCURRENT: '32',
        WEBHOOKS_MAX_PER_USER: '100',
      },
      internals: [webhooksConfig.with({ timeoutMs: 60_000 }), deliveriesConfig.with({ leaseMs: 120_000 })],
    });
  beforeAll(async () => {
    database = await createTestDatabase();
    receiver = await Receiver.start();
    app = await start();
    const { token } = await app.login('operator');
    endpoints = [];
    for (let n = 0; n < HANGING + HEALTHY; n++) {
      endpoints.push(
        (await app.request('POST', '/v1/webhooks', { token, body: { url: `${receiver.url}/${n}`, desk: true } })).body
          .id,
      );
    }
  });
  afterAll(async () => {
    await app.close();
    await receiver.stop();
    await database.drop();
  });

  const bad = () => endpoints.slice(0, HANGING);
  const atBad = () => Array.from({ length: HANGING }, (_, n) => receiver.of(String(n)).length);
  const circuits = async () => (await app.get(DeliveryLanes).find(bad())).map(({ circuit }) => circuit);
  const sql = (text: string) => app.get(Database).rows(text, [bad()]);
  const hung: ServerResponse[] = [];
  const hang = (does: boolean) => {
    for (let n = 0; n < HANGING; n++) {
      if (does) receiver.answers.set(String(n), (_receipt, response) => void hung.push(response));
      else receiver.answers.delete(String(n));
    }
  };
  /** Makes the hanging sends fail, and later ones fail at once. */
  const breakOff = () => {
    for (let n = 0; n < HANGING; n++) receiver.answers.set(String(n), (_receipt, response) => void response.destroy());
    for (const response of hung.splice(0)) response.destroy();
  };
  const enqueue = (ids: readonly string[], messageId: string) =>
    app
      .get(Transactions)
      .atomic(() =>
        app.get(DeliveryQueue).enqueue(ids.map((endpointId) => ({ alertId: null, endpointId, messageId, body: '{}' }))),
      );

  /** Message ids that the healthy endpoints have received, starting with receipt `from`. */
  const received = (from: number) =>
    receiver.receipts
      .slice(from)
      .flatMap(({ path, messageId }) => (Number(path.slice(1)) < HANGING ? [] : [messageId]));

  it('41 healthy endpoints get every message once while nine hang, which get at most ten requests', async () => {
    await enqueue(endpoints, 'warm');
    await eventually(() => expect(receiver.receipts).toHaveLength(HANGING + HEALTHY));
    const [from, before] = [receiver.receipts.length, atBad()];
    hang(true);
    const messages = Array.from({ length: ROUNDS }, (_, n) => `round-${n}`);
    for (const message of messages) await enqueue(endpoints, message);
    await eventually(() => expect(received(from)).toHaveLength(HEALTHY * ROUNDS));
    expect(received(from).sort()).toEqual(messages.flatMap((message) => Array(HEALTHY).fill(message)));
    // None of the hanging sends has ended, so no delivery has waited for one.
    expect(await sql(`${FAILED} LIMIT 1`)).toEqual([]);

    for (let n = 0; n < 4; n++) await enqueue(bad(), `more-${n}`);
    breakOff();
    await eventually(async () => expect(await circuits()).toEqual(Array(HANGING).fill('open')));
    for (const [n, asked] of atBad().entries()) expect(asked - before[n]!).toBeLessThanOrEqual(10);
  });

  it('an open circuit survives a restart and is probed by one delivery after 30 s', async () => {
    const asked = atBad();
    // A restart may take longer than 30 s on a busy machine.
    await sql(`UPDATE delivery_lanes SET probe_at = now() + interval '1 day' WHERE endpoint_id = ANY ($1::uuid[])`);
    await app.close();
    app = await start();
    await enqueue(endpoints.slice(HANGING), 'after the restart');
    await eventually(() =>
      expect(receiver.receipts.filter(({ messageId }) => messageId === 'after the restart')).toHaveLength(HEALTHY),
    );
    expect([await circuits(), atBad()]).toEqual([Array(HANGING).fill('open'), asked]);
    for (const probe of [1, 2]) {
      await sql(`UPDATE delivery_lanes SET probe_at = now() WHERE endpoint_id = ANY ($1::uuid[])`); // Simulates the passing of 30 s.
      await sql(
        `UPDATE alert_delivery_queue SET next_attempt_at = now() WHERE endpoint_id = ANY ($1::uuid[]) AND status = 'pending'`,
      );
      await eventually(() => expect(atBad()).toEqual(asked.map((n) => n + probe)));
      // The probe fails, and the circuit opens again.
      await eventually(async () =>
        expect(
          await sql(`SELECT FROM alert_delivery_queue WHERE endpoint_id = ANY ($1::uuid[]) AND status = 'sending'`),
        ).toEqual([]),
      );
      expect([await circuits(), atBad()]).toEqual([Array(HANGING).fill('open'), asked.map((n) => n + probe)]);
      // 30 s after the previous one.
      expect(
        await sql(
          `SELECT DISTINCT extract(epoch FROM probe_at - circuit_since)::int >= 29 AS later FROM delivery_lanes WHERE endpoint_id = ANY ($1::uuid[])`,
        ),
      ).toEqual([{ later: true }]);
    }
  });

  it('a successful probe closes the circuit, and all waiting deliveries are sent', async () => {
    hang(false);
    await sql(`UPDATE delivery_lanes SET probe_at = now() WHERE endpoint_id = ANY ($1::uuid[])`);
    await sql(
      `UPDATE alert_delivery_queue SET next_attempt_at = now() WHERE endpoint_id = ANY ($1::uuid[]) AND status = 'pending'`,
    );
    await eventually(async () =>
      expect(
        await sql(`SELECT FROM alert_delivery_queue WHERE endpoint_id = ANY ($1::uuid[]) AND status <> 'delivered'`),
      ).toEqual([]),
    );
    expect(await circuits()).toEqual(Array(HANGING).fill('closed'));
  });

  it('without a share per endpoint, one queue lets a bad endpoint delay all others (negative control)', async () => {
    // No limit per endpoint and no circuit, and a slow send keeps its place.
    hang(true);
    await sql(
      `UPDATE delivery_lanes SET concurrency = 1000, proven = true, failures_in_row = -1000 WHERE endpoint_id = ANY ($1::uuid[])`,
    );
    const sender = app.get(DeliverySender);
    const { flight } = sender as unknown as { flight: { begin: () => () => void; quick: number } };
    flight.begin = () => {
      flight.quick += 1;
      return () => {
        flight.quick -= 1;
        sender.freed();
      };
    };
    for (let n = 0; n < 20; n++) await enqueue(bad(), randomUUID());
    await eventually(() => expect(sender.room).toBeLessThan(sender.batch));
    const from = receiver.receipts.length;
    await enqueue(endpoints.slice(HANGING), 'control');
    // The worker has looked again several times and claims nothing, because no place becomes free.
    const wake = app.get(DeliveryWake);
    for (let looks = 0; looks < 5; looks++) {
      wake.wake();
      await sql(`SELECT 1 WHERE $1::uuid[] IS NOT NULL`);
    }
    expect(received(from)).toEqual([]);
    hang(false);
    for (const response of hung.splice(0)) response.writeHead(204).end();
    await eventually(() => expect(received(from)).toHaveLength(HEALTHY));
  });
});
