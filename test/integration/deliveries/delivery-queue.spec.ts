import { randomUUID } from 'node:crypto';
import { BackgroundTasks } from '#background';
import { Transactions } from '#database';
import { DeliveriesService, DeliveryQueue } from '#deliveries';
import { DeliveriesRepository } from '../../../libs/deliveries/ledger/deliveries.repository.js';
import { eventually } from '../../setup/eventually.js';
import { DeliveryDesk } from './deliveries.fixture.js';

describe('deliveries', () => {
  let desk: DeliveryDesk;
  beforeAll(async () => {
    desk = await DeliveryDesk.start();
  });
  afterAll(() => desk.close());

  it('reach every endpoint once, and each attempt is recorded', async () => {
    const [a, b] = [await desk.lane(), await desk.lane()];
    const ids = await desk.enqueue([a, b], 'msg-1');
    await eventually(async () =>
      expect(await Promise.all(ids.map((id) => desk.statusOf(id)))).toEqual(['delivered', 'delivered']),
    );
    expect(desk.receiver.of(a).map(({ messageId }) => messageId)).toEqual(['msg-1']);
    expect(desk.receiver.of(b)).toHaveLength(1);
    expect(await desk.module.get(DeliveriesRepository).attempts(ids[0]!)).toMatchObject([
      { attempt: 1, outcome: 'delivered', statusCode: 204 },
    ]);
  });

  it('deliveries do not exist when the business transaction rolls back', async () => {
    const lane = await desk.lane();
    const attempt = desk.module.get(Transactions).atomic(async () => {
      await desk.module
        .get(DeliveryQueue)
        .enqueue([{ alertId: randomUUID(), endpointId: lane, messageId: 'never', body: '{}' }]);
      throw new Error('the business failed');
    });
    await expect(attempt).rejects.toThrow('the business failed');
    const sentinel = await desk.enqueue([lane], 'after');
    await eventually(async () => expect(await desk.statusOf(sentinel[0]!)).toBe('delivered'));
    expect(desk.receiver.of(lane).map(({ messageId }) => messageId)).toEqual(['after']);
    expect(await desk.database.rows(`SELECT 1 FROM alert_delivery_queue WHERE message_id = 'never'`)).toEqual([]);
  });

  it('deliveries cannot be enqueued outside a transaction', async () => {
    await expect(
      desk.module.get(DeliveryQueue).enqueue([{ alertId: null, endpointId: randomUUID(), messageId: 'm', body: '{}' }]),
    ).rejects.toThrow(/inside the transaction/);
  });

  it('deliveries are one row per alert and endpoint, also if the alert is written twice', async () => {
    const lane = await desk.lane();
    const alertId = randomUUID();
    const once = () =>
      desk.module
        .get(Transactions)
        .atomic(() =>
          desk.module.get(DeliveryQueue).enqueue([{ alertId, endpointId: lane, messageId: alertId, body: '{}' }]),
        );
    const rows = (await Promise.all(Array.from({ length: 20 }, once))).flat();
    expect(rows).toHaveLength(1);
    await eventually(async () => expect(await desk.statusOf(rows[0]!.id)).toBe('delivered'));
    expect(desk.receiver.of(lane)).toHaveLength(1);
  });

  it('deliveries are not sent before notBefore', async () => {
    const lane = await desk.lane();
    const [row] = await desk.module.get(Transactions).atomic(() =>
      desk.module.get(DeliveryQueue).enqueue([
        {
          alertId: null,
          endpointId: lane,
          messageId: 'later',
          body: '{}',
          notBefore: new Date(Date.now() + 3_600_000),
        },
      ]),
    );
    const [sentinel] = await desk.enqueue([lane], 'now');
    await eventually(async () => expect(await desk.statusOf(sentinel!)).toBe('delivered'));
    expect(await desk.statusOf(row!.id)).toBe('pending');
  });

  it('deliveries are retried on the schedule after a failure, and a manual retry replaces the automatic one', async () => {
    const lane = await desk.lane();
    desk.receiver.answers.set(lane, (_receipt, response) => void response.writeHead(503).end('not now'));
    const [id] = await desk.enqueue([lane], 'retried');
    const read = async () => (await desk.module.get(DeliveriesRepository).find(id!))!;
    const failed = await eventually(async () => {
      const row = await read();
      expect(row).toMatchObject({ status: 'pending', attempts: 1, statusCode: 503 });
      return row;
    });
    const [attempt] = await desk.module.get(DeliveriesRepository).attempts(id!);
    const wait = failed.nextAttemptAt!.getTime() - attempt!.at.getTime();
    expect(wait).toBeGreaterThanOrEqual(4_000);
    expect(wait).toBeLessThanOrEqual(6_000);
    // Far in the future, so that the next attempt is the manual retry.
    await desk.database.rows(
      `UPDATE alert_delivery_queue SET next_attempt_at = now() + interval '1 hour' WHERE id = $1`,
      [id],
    );
    desk.receiver.answers.delete(lane);
    await desk.module.get(DeliveriesService).retry(id!);
    await eventually(async () => expect((await read()).status).toBe('delivered'));
    expect(await desk.count('pending', lane)).toBe(0);
    expect(desk.receiver.of(lane).map(({ messageId }) => messageId)).toEqual(['retried', 'retried']);
    expect(
      (await desk.module.get(DeliveriesRepository).attempts(id!)).map(({ outcome, responseBody }) => [
        outcome,
        responseBody,
      ]),
    ).toEqual([
      ['failed', 'not now'],
      ['delivered', ''],
    ]);
  });

  it('become dead letters after the last attempt or 410, and their channel is notified in the same transaction', async () => {
    const [gone, exhausted] = [await desk.lane(), await desk.lane()];
    desk.receiver.answers.set(gone, (_receipt, response) => void response.writeHead(410).end());
    desk.receiver.answers.set(exhausted, (_receipt, response) => void response.writeHead(302, { location: '/' }).end());
    const [first] = await desk.enqueue([gone], 'gone');
    const [last] = await desk.module.get(Transactions).atomic(async () => {
      const rows = await desk.module
        .get(DeliveryQueue)
        .enqueue([{ alertId: randomUUID(), endpointId: exhausted, messageId: 'last', body: '{}' }]);
      await desk.database.rows('UPDATE alert_delivery_queue SET step = 9, attempts = 9 WHERE id = $1', [rows[0]!.id]);
      return rows.map(({ id }) => id);
    });
    await eventually(async () =>
      expect([await desk.statusOf(first!), await desk.statusOf(last!)]).toEqual(['dead', 'dead']),
    );
    const dead = desk.channel.settlements.filter(({ status }) => status === 'dead');
    expect(dead.map(({ deliveryId, outcome, attempt }) => [deliveryId, outcome.statusCode, attempt])).toEqual(
      expect.arrayContaining([
        [first, 410, 1],
        [last, 302, 10],
      ]),
    );
    const letters = await desk.module.get(DeliveriesRepository).page({ statuses: ['dead'], limit: 10 });
    expect(letters.map(({ id }) => id)).toEqual(expect.arrayContaining([first, last]));
    desk.receiver.answers.delete(exhausted);
    await desk.module.get(DeliveriesService).retry(last!);
    await eventually(async () => expect(await desk.statusOf(last!)).toBe('delivered'));
  });

  it('deliveries of a time window are replayed with the same message ids', async () => {
    const lane = await desk.lane();
    const from = new Date();
    for (const message of ['w-1', 'w-2', 'w-3']) await desk.enqueue([lane], message);
    await eventually(async () => expect(await desk.count('delivered', lane)).toBe(3));
    const to = new Date();
    expect(await desk.module.get(DeliveriesService).replay(lane, to, new Date(to.getTime() + 60_000))).toBe(0);
    expect(await desk.module.get(DeliveriesService).replay(lane, from, to)).toBe(3);
    await eventually(() => expect(desk.receiver.of(lane)).toHaveLength(6));
    expect(new Set(desk.receiver.of(lane).map(({ messageId }) => messageId))).toEqual(new Set(['w-1', 'w-2', 'w-3']));
  });

  it('deliveries are not sent faster than the rate of their lane', async () => {
    const lane = await desk.lane({ ratePerSecond: 5 });
    const began = performance.now();
    await Promise.all(Array.from({ length: 12 }, () => desk.enqueue([lane])));
    await eventually(() => expect(desk.receiver.of(lane)).toHaveLength(12));
    // 5 at once, the other 7 at 5 per second. A slow machine can only be later.
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_400);
  });

  it('deliveries never exceed the concurrency of a lane', async () => {
    const lane = await desk.lane({ concurrency: 3 });
    const waiting: (() => void)[] = [];
    let most = 0;
    desk.receiver.answers.set(lane, (_receipt, response) => {
      waiting.push(() => void response.writeHead(204).end());
      most = Math.max(most, waiting.length);
    });
    await Promise.all(Array.from({ length: 40 }, () => desk.enqueue([lane])));
    // Answers only while three are in flight, so all three places are used. The last one is alone.
    await eventually(async () => {
      const delivered = await desk.count('delivered', lane);
      if (waiting.length === Math.min(3, 40 - delivered)) for (const answer of waiting.splice(0)) answer();
      expect(delivered).toBe(40);
    });
    expect(most).toBe(3);
  });

  it('deliveries of a deleted endpoint are cancelled, and its ended deliveries stay', async () => {
    const lane = await desk.lane();
    await desk.lanes.hold(lane, 'test');
    const [id] = await desk.enqueue([lane]);
    await desk.lanes.remove(lane);
    expect(await desk.statusOf(id!)).toBe('cancelled');
    await expect(desk.module.get(DeliveriesService).retry(id!)).rejects.toMatchObject({
      code: 'DELIVERIES_ENDPOINT_GONE',
    });
  });

  it('deliveries are counted in the overview by endpoint while they wait', async () => {
    const lane = await desk.lane();
    await desk.lanes.hold(lane, 'test');
    await desk.enqueue([lane]);
    await desk.enqueue([lane]);
    const overview = await desk.module
      .get(Transactions)
      .readSnapshot(() => desk.module.get(DeliveriesRepository).overview());
    expect(overview.lanes.find(({ endpointId }) => endpointId === lane)).toMatchObject({
      mode: 'held',
      held: 2,
      pending: 0,
      oldestPendingAt: null,
    });
    expect(overview.held).toBe(overview.lanes.reduce((sum, { held }) => sum + held, 0));
  });

  it('deliveries are purged with their attempts when old, dead letters after three times as long, and waiting ones never', async () => {
    const old = async (status: string, days: number) => {
      const [row] = await desk.database.rows<{ id: string }>(
        `INSERT INTO alert_delivery_queue (id, endpoint_id, message_id, body, status, settled_at)
         VALUES (uuidv7($2 * interval '-1 day'), uuidv7(), 'old', '{}', $1, CASE WHEN $1 <> 'held' THEN now() - $2 * interval '1 day' END) RETURNING id`,
        [status, days],
      );
      await desk.database.rows(
        `INSERT INTO delivery_attempts (delivery_id, attempt, at, outcome, latency_ms) VALUES ($1, 1, now(), 'failed', 1)`,
        [row!.id],
      );
      return row!.id;
    };
    const gone = [await old('delivered', 31), await old('cancelled', 31), await old('dead', 91)];
    const kept = [await old('delivered', 29), await old('dead', 31)];
    desk.module.get(BackgroundTasks).wake('retention-alert_delivery_queue');
    const left = async (table: string, column: string) =>
      (
        await desk.database.rows<{ id: string }>(`SELECT ${column} AS id FROM ${table} WHERE ${column} = ANY ($1)`, [
          [...gone, ...kept],
        ])
      ).map(({ id }) => id);
    await eventually(async () => expect((await left('alert_delivery_queue', 'id')).sort()).toEqual([...kept].sort()));
    expect((await left('delivery_attempts', 'delivery_id')).sort()).toEqual([...kept].sort());
  });

  it('deliveries leave no old windows of circuits and no ended leases of workers', async () => {
    await desk.database.rows(
      `WITH lane AS (INSERT INTO delivery_lane_windows (endpoint_id, bucket, delivered, failed) VALUES (uuidv7(), now() - interval '16 minutes', 1, 1))
       INSERT INTO delivery_workers (id, lease_until) VALUES (uuidv7(), now() - interval '25 hours')`,
    );
    const tasks = desk.module.get(BackgroundTasks);
    for (const table of ['delivery_lane_windows', 'delivery_workers']) tasks.wake(`retention-${table}`);
    await eventually(async () =>
      expect(
        await desk.database.rows(
          `SELECT 1 FROM delivery_lane_windows WHERE bucket < now() - interval '15 minutes' UNION ALL SELECT 1 FROM delivery_workers WHERE lease_until < now()`,
        ),
      ).toEqual([]),
    );
  });
});
