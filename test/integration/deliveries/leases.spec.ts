import { DeliveriesService } from '#deliveries';
import { deliveriesConfig } from '#deliveries/config';
import { DeliveriesRepository } from '../../../libs/deliveries/ledger/deliveries.repository.js';
import { eventually } from '../../setup/eventually.js';
import { DeliveryDesk } from './deliveries.fixture.js';
import { leaseOf, leasesOf, TwoWorkers } from './two-workers.fixture.js';

describe('the lease of a worker', () => {
  const workers = new TwoWorkers();
  beforeAll(() => workers.open());
  beforeEach(() => workers.begin());
  afterEach(() => workers.end());
  afterAll(() => workers.close());
  const { find, delivered, received, endClaims, reclaim } = workers;

  it('prevents the takeover of a send that outlasts its claim, by its own process and by others', async () => {
    const { id, answer, resume } = await workers.oneInFlight();
    resume();
    expect([await reclaim(workers.one), await reclaim(workers.two)]).toEqual([0, 0]);
    answer();
    await delivered(id);
    expect(received()).toBe(1);
  });

  it('the lease of a worker is renewed by its own timer, also while claims return nothing, and ends with the process', async () => {
    const third = await workers.another({ leaseMs: 1_500 });
    await workers.pauseClaims(third);
    const until = async () => {
      const [row] = await workers.one.database.rows<{ until: Date }>(
        'SELECT lease_until AS until FROM delivery_workers WHERE id = $1',
        [leaseOf(third).owner],
      );
      return row?.until.getTime();
    };
    for (let renewals = 0, last = 0; renewals < 3; renewals++) {
      last = await eventually(async () => {
        const now = await until();
        expect(now).toBeGreaterThan(last);
        return now!;
      });
    }
    await third.close();
    expect(await until()).toBeUndefined();
  });

  /** The endpoint answers. Recording that takes longer than the claim, is rolled back, and is repeated. */
  async function slowRecording(whileRecording: () => Promise<unknown>): Promise<void> {
    const { id, answer, resume } = await workers.oneInFlight();
    const began = Promise.withResolvers<void>();
    const fail = Promise.withResolvers<void>();
    workers.one.channel.onSettled = async () => {
      workers.one.channel.onSettled = undefined;
      began.resolve();
      await fail.promise;
      throw new Error('this recording is rolled back');
    };
    answer();
    await began.promise;
    await whileRecording();
    resume();
    await reclaim(workers.two);
    fail.resolve();
    await eventually(async () => {
      await reclaim(workers.two);
      expect(await workers.one.statusOf(id)).toBe('delivered');
    });
  }

  it('prevents a second send while recording the outcome takes long and is rolled back once', async () => {
    await slowRecording(() => Promise.resolve());
    expect(received()).toBe(1);
  });

  it('without renewals the lease does not prevent the second send (negative control)', async () => {
    await slowRecording(() => workers.endLease(workers.one));
    await eventually(() => expect(received()).toBe(2));
  });

  it('the lease of a worker lets another process take over a send in flight after its end, and an earlier success stops the second send', async () => {
    const { id, answer, resume } = await workers.takenOver();
    answer();
    await delivered(id);
    resume();
    await workers.sendAnother();
    expect(received()).toBe(2);
    expect(await find(id)).toMatchObject({ status: 'delivered', attempts: 1, statusCode: 204 });
  });

  it('the lease of a worker lets a late failure after its end move the second send to its place in the schedule', async () => {
    const { id, answer, resume } = await workers.takenOver();
    answer(500);
    await eventually(async () => expect((await find(id)).statusCode).toBe(500));
    resume();
    await workers.sendAnother();
    expect(received()).toBe(2);
    const [row] = await workers.one.database.rows(
      'SELECT status, step, next_attempt_at > now() AS later FROM alert_delivery_queue WHERE id = $1',
      [id],
    );
    expect(row).toEqual({ status: 'pending', step: 1, later: true });
  });

  it('the lease of a worker lets a manual retry after its end win against a late failure', async () => {
    const { id, answer, resume } = await workers.takenOver();
    await workers.one.module.get(DeliveriesService).retry(id);
    answer(500);
    await eventually(async () =>
      expect(await workers.one.module.get(DeliveriesRepository).attempts(id)).toHaveLength(1),
    );
    expect(await find(id)).toMatchObject({ status: 'pending', statusCode: null });
    resume();
    await delivered(id);
    expect(received()).toBe(2);
  });

  it('the lease of a worker lets a success stop the second send after the second claim, if that send has not begun', async () => {
    const { id, answer, resume } = await workers.takenOver();
    resume();
    workers.delayClaim(workers.two, async () => {
      answer();
      await delivered(id);
    });
    await delivered(id);
    await workers.sendAnother();
    expect(received()).toBe(2);
  });

  it('without the check before it the second send is not stopped (negative control)', async () => {
    const { id, answer, resume } = await workers.takenOver();
    workers.replace(leasesOf(workers.two), 'confirm', () => Promise.resolve(true));
    resume();
    workers.delayClaim(workers.two, async () => {
      answer();
      await delivered(id);
    });
    await eventually(() => expect(received()).toBe(2));
  });

  it('the lease of a worker stops a send if it ended before the answer to the claim arrived', async () => {
    const third = await workers.another({ leaseMs: 1_000 });
    await workers.pauseClaims(workers.one);
    const resume = await workers.pauseClaims(workers.two);
    const read = Promise.withResolvers<void>();
    workers.delayClaim(third, async () => {
      const wake = await workers.endLease(third);
      resume(); // process two takes the delivery over when the 1,000 ms of the claim end
      await delivered(id!);
      wake();
      read.resolve();
    });
    const [id] = await workers.one.enqueue([workers.endpoint]);
    await read.promise;
    await eventually(() => expect(leaseOf(third).heldIds).toEqual([]));
    await third.close();
    expect(received()).toBe(1);
  });

  it('the lease of a worker does not cover a claim whose answer was lost, which is sent when the lease of the claim ends', async () => {
    await workers.pauseClaims(workers.two);
    const lost = Promise.withResolvers<void>();
    workers.delayClaim(workers.one, () => {
      lost.resolve();
      return Promise.reject(new Error('the connection was lost'));
    });
    const [id] = await workers.one.enqueue([workers.endpoint]);
    await lost.promise;
    expect(await reclaim(workers.one)).toBe(0);
    await endClaims();
    await delivered(id!);
    expect(received()).toBe(1);
  });

  it('the lease of a worker allows its process to return an attempt, but not a newer attempt of the same delivery', async () => {
    await workers.pauseClaims(workers.two);
    const answer = workers.hang();
    const [id] = await workers.one.enqueue([workers.endpoint]);
    await eventually(() => expect(received()).toBe(1));
    const { owner } = leaseOf(workers.one);
    await leasesOf(workers.one).handBack(owner, [{ id: id!, attempt: 0 }]);
    expect(await workers.one.statusOf(id!)).toBe('sending');
    leaseOf(workers.one).drop({ id: id!, attempt: 0 });
    expect(leaseOf(workers.one).heldIds).toContain(id);
    await workers.pauseClaims(workers.one);
    await leasesOf(workers.one).handBack(owner, [{ id: id!, attempt: 1 }]);
    expect(await workers.one.statusOf(id!)).toBe('pending');
    answer();
    await delivered(id!);
  });
});

describe('a single process whose event loop is blocked for longer than the lease', () => {
  it('a single process whose event loop is blocked for longer than the lease sends every message once', async () => {
    const desk = await DeliveryDesk.start({ internals: [deliveriesConfig.with({ leaseMs: 2_000 })] });
    try {
      const endpoint = await desk.lane({ concurrency: 50 });
      let requests = 0;
      desk.receiver.answers.set(endpoint, (_receipt, response) => {
        // Each time with other sends in flight and outcomes not recorded yet.
        if (++requests === 15 || requests === 65) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
        response.writeHead(204).end();
      });
      await Promise.all(Array.from({ length: 100 }, () => desk.enqueue([endpoint])));
      await eventually(async () => expect(await desk.count('delivered')).toBe(100));
      expect(desk.receiver.of(endpoint)).toHaveLength(100);
    } finally {
      await desk.close();
    }
  });
});
