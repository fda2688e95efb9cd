import { randomUUID } from 'node:crypto';
import { Transactions } from '#database';
import { withCorrelation } from '#telemetry';
import { deliveriesConfig } from '#deliveries/config';
import { eventually } from '../../setup/eventually.js';
import { DeliveriesRepository } from '../../../libs/deliveries/ledger/deliveries.repository.js';
import { DeliveryClaimRepository } from '../../../libs/deliveries/sending/delivery-claim.repository.js';
import { DeliveryDesk } from './deliveries.fixture.js';

describe('lanes', () => {
  let desk: DeliveryDesk;
  let other: DeliveryDesk;
  beforeAll(async () => {
    desk = await DeliveryDesk.start({ internals: [deliveriesConfig.with({ heldMax: 20 })] });
    other = await DeliveryDesk.start({
      database: desk.module.database,
      receiver: desk.receiver,
      internals: [deliveriesConfig.with({ heldMax: 20 })],
    });
  });
  afterAll(async () => {
    await other.close();
    await desk.close();
  });

  const messages = (lane: string) => desk.receiver.of(lane).map(({ messageId }) => messageId);
  const modeOf = async (lane: string) => (await desk.lanes.find([lane]))[0]!.mode;

  it('lanes keep deliveries while held, send one probe, and send all in order when released, by any worker', async () => {
    const lane = await desk.lane({ concurrency: 5 });
    const sentinel = await desk.lane();
    await desk.lanes.hold(lane, 'it failed for long');
    const expected = Array.from({ length: 15 }, (_, n) => `m-${String(n).padStart(2, '0')}`);
    for (const message of expected) await desk.enqueue([lane], message);
    const [after] = await desk.enqueue([sentinel]);
    await eventually(async () => expect(await desk.statusOf(after!)).toBe('delivered'));
    expect(messages(lane)).toEqual([]);
    expect(await desk.count('held', lane)).toBe(15);

    await desk.lanes.probe(lane);
    await eventually(async () => expect(await desk.count('delivered', lane)).toBe(1));
    expect(messages(lane)).toEqual(['m-00']);
    expect(await modeOf(lane)).toBe('held');

    let inFlight = 0;
    let most = 0;
    desk.receiver.answers.set(lane, (_receipt, response) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight -= 1;
        response.writeHead(204).end();
      }, 10);
    });
    await desk.lanes.release(lane);
    expect(await modeOf(lane)).toBe('recovering');
    await desk.enqueue([lane], 'new');
    await eventually(async () => expect(await desk.count('delivered', lane)).toBe(16));
    expect(messages(lane)).toEqual([...expected, 'new']);
    expect(most).toBe(1);
    await eventually(async () => expect(await modeOf(lane)).toBe('normal'));
  });

  it('lanes return a failed probe to its place', async () => {
    const lane = await desk.lane();
    await desk.lanes.hold(lane, 'test');
    for (const message of ['p-1', 'p-2']) await desk.enqueue([lane], message);
    desk.receiver.answers.set(lane, (_receipt, response) => void response.writeHead(500).end());
    for (const attempts of [1, 2, 3]) {
      await desk.lanes.probe(lane);
      await eventually(async () =>
        expect(
          (await desk.module.get(DeliveriesRepository).page({ endpointIds: [lane], limit: 5 })).map((row) => [
            row.status,
            row.attempts,
          ]),
        ).toEqual([
          ['held', 0],
          ['held', attempts],
        ]),
      );
    }
    expect(messages(lane)).toEqual(['p-1', 'p-1', 'p-1']);
    const [{ step }] = (await desk.database.rows<{ step: number }>(
      `SELECT max(step) AS step FROM alert_delivery_queue WHERE endpoint_id = $1`,
      [lane],
    )) as [{ step: number }];
    expect(step).toBe(0);
  });

  it('lanes hold at most the maximum, and later deliveries become dead letters with the reason', async () => {
    const lane = await desk.lane();
    await desk.lanes.hold(lane, 'test');
    for (let n = 0; n < 25; n++) await desk.enqueue([lane]);
    expect(await desk.count('held', lane)).toBe(20);
    const dead = await desk.module
      .get(DeliveriesRepository)
      .page({ endpointIds: [lane], statuses: ['dead'], limit: 10 });
    expect(dead).toHaveLength(5);
    expect(dead[0]!.error).toMatch(/maximum of 20 deliveries/);
  });

  it('lanes hold deliveries of an alert that was written while the lane was being held', async () => {
    const lane = await desk.lane();
    const [id] = await desk.module.get(Transactions).atomic(async () => {
      const ids = await desk.enqueue([lane]);
      // Runs in its own context, so that it does not join this transaction.
      await withCorrelation(undefined, () => other.lanes.hold(lane, 'meanwhile'));
      return ids;
    });
    await eventually(async () => expect(await desk.statusOf(id!)).toBe('held'));
    expect(messages(lane)).toEqual([]);
  });

  it('open their circuit after ten failures, whatever their backlog, and for all workers', async () => {
    const lane = await desk.lane({ concurrency: 8 });
    desk.receiver.answers.set(lane, (_receipt, response) => void response.writeHead(500).end());
    for (let n = 0; n < 30; n++) await desk.enqueue([lane]);
    await eventually(async () => expect((await desk.lanes.find([lane]))[0]!.circuit).toBe('open'));
    expect(messages(lane).length).toBeLessThanOrEqual(10);
    const sentinel = await desk.enqueue([await desk.lane()]);
    await eventually(async () => expect(await desk.statusOf(sentinel[0]!)).toBe('delivered'));
    expect(messages(lane).length).toBeLessThanOrEqual(10);
  });

  it('lanes send one delivery as a probe while half-open, and close when it succeeds', async () => {
    const lane = await desk.lane();
    await desk.database.rows(
      `UPDATE delivery_lanes SET circuit = 'open', circuit_since = now() - interval '30 s', probe_at = now() + interval '400 ms', failures_in_row = 3 WHERE endpoint_id = $1`,
      [lane],
    );
    let release: () => void = () => undefined;
    desk.receiver.answers.set(lane, (_receipt, response) => (release = () => void response.writeHead(204).end()));
    for (let n = 0; n < 5; n++) await desk.enqueue([lane]);
    await eventually(() => expect(messages(lane)).toHaveLength(1));
    expect((await desk.lanes.find([lane]))[0]!.circuit).toBe('half-open');
    desk.receiver.answers.delete(lane);
    release();
    await eventually(async () => expect(await desk.count('delivered', lane)).toBe(5));
    expect((await desk.lanes.find([lane]))[0]!.circuit).toBe('closed');
  });

  it('lanes never exceed their concurrency over all workers', async () => {
    // A channel without a worker, so that only these claims take from it.
    const lane = await desk.lane({ concurrency: 3, channel: 'claimed by hand' });
    for (let n = 0; n < 30; n++) await desk.enqueue([lane]);
    const claim = async (n: number) => {
      const repository = (n % 2 ? desk : other).module.get(DeliveryClaimRepository);
      const rows = await withCorrelation(undefined, () =>
        repository.claim({
          owner: randomUUID(),
          limit: 64,
          leaseMs: 20_000,
          channels: ['claimed by hand'],
          except: [],
        }),
      );
      return rows.length;
    };
    for (let round = 0; round < 10; round++) {
      await desk.database.rows(`UPDATE delivery_lanes SET proven = true WHERE endpoint_id = $1`, [lane]);
      const taken = await Promise.all(Array.from({ length: 16 }, (_, n) => claim(n)));
      expect(taken.reduce((sum, n) => sum + n, 0)).toBe(3);
      await desk.database.rows(
        `UPDATE alert_delivery_queue SET status = 'delivered', lease_until = NULL WHERE endpoint_id = $1 AND status = 'sending'`,
        [lane],
      );
    }
  });

  it('lanes of a killed worker continue when its lease ends', async () => {
    const lane = await desk.lane();
    await desk.lanes.hold(lane, 'so that nobody else takes it');
    const [id] = await desk.enqueue([lane], 'orphan');
    await desk.database.rows(
      `UPDATE alert_delivery_queue SET status = 'sending', attempts = 1, lease_owner = uuidv7(), lease_until = now() + interval '300 ms' WHERE id = $1`,
      [id],
    );
    await desk.database.rows(`UPDATE delivery_lanes SET mode = 'normal' WHERE endpoint_id = $1`, [lane]);
    await eventually(async () => expect(await desk.statusOf(id!)).toBe('delivered'));
    expect(messages(lane)).toEqual(['orphan']);
  });
});

describe('one bad endpoint', () => {
  // Measures no time. The five hang until the test ends, so a delivery that waited for them would never arrive. `npm run bench` compares times.
  it('delays no other: while 5 of 50 hang, the others get all messages once', async () => {
    const places = 32;
    const desk = await DeliveryDesk.start({
      env: { DELIVERIES_MAX_CONCURRENT: String(places) },
      internals: [deliveriesConfig.with({ leaseMs: 600_000 })],
    });
    try {
      const lanes = await Promise.all(Array.from({ length: 50 }, () => desk.lane()));
      const [hanging, healthy] = [lanes.slice(0, 5), lanes.slice(5)];
      const receivedBy = (some: readonly string[]) =>
        desk.receiver.receipts.filter(({ path }) => some.includes(path.slice(1))).map(({ messageId }) => messageId);
      for (const lane of hanging) desk.receiver.answers.set(lane, () => undefined);
      for (let n = 0; n < 10; n++) await desk.enqueue(hanging);
      // More than the number of places.
      await eventually(() => expect(receivedBy(hanging).length).toBeGreaterThan(places));
      const messages = Array.from({ length: 6 }, () => randomUUID());
      for (const message of messages) await desk.enqueue(lanes, message);
      await eventually(async () => expect(await desk.count('delivered')).toBe(messages.length * healthy.length));
      expect(receivedBy(healthy).sort()).toEqual(messages.flatMap((message) => healthy.map(() => message)).sort());
      for (const lane of hanging) expect(receivedBy([lane]).length).toBeLessThanOrEqual(8); // their concurrency
      expect(await desk.database.rows(`SELECT 1 FROM delivery_attempts WHERE outcome <> 'delivered'`)).toEqual([]);
    } finally {
      await desk.close();
    }
  });
});
