import { DeliveriesService } from '#deliveries';
import { withCorrelation } from '#telemetry';
import { deliveriesConfig } from '#deliveries/config';
import { DeliveriesRepository } from '../../../libs/deliveries/ledger/deliveries.repository.js';
import { DeliveryClaimRepository } from '../../../libs/deliveries/sending/delivery-claim.repository.js';
import { DeliveryLeasesRepository } from '../../../libs/deliveries/sending/delivery-leases.repository.js';
import { WorkerLease } from '../../../libs/deliveries/sending/worker-lease.js';
import { eventually } from '../../setup/eventually.js';
import { DeliveryDesk } from './deliveries.fixture.js';

/** Two processes that send. Their leases last 20 s and end when a test says so. */
describe('the lease of a worker', () => {
  let one: DeliveryDesk;
  let two: DeliveryDesk;
  let endpoint: string;
  const undo: (() => void)[] = [];

  const start = (limits: Parameters<typeof deliveriesConfig.with>[0] = {}) =>
    DeliveryDesk.start({
      ...(one ? { database: one.module.database, receiver: one.receiver } : {}),
      internals: [deliveriesConfig.with({ pollMs: 50, ...limits })],
    });
  beforeAll(async () => {
    one = await start();
    two = await start();
  });
  beforeEach(async () => {
    endpoint = await one.lane({ concurrency: 50 });
  });
  afterEach(async () => {
    for (const step of undo.splice(0)) step();
    await Promise.all([leaseOf(one).renew(), leaseOf(two).renew()]);
  });
  afterAll(async () => {
    await two.close();
    await one.close();
  });

  const claimsOf = (desk: DeliveryDesk) => desk.module.get(DeliveryClaimRepository);
  const leasesOf = (desk: DeliveryDesk) => desk.module.get(DeliveryLeasesRepository);
  const leaseOf = (desk: DeliveryDesk) => desk.module.get(WorkerLease);
  const find = async (id: string) => (await one.module.get(DeliveriesRepository).find(id))!;
  const delivered = (id: string) => eventually(async () => expect(await one.statusOf(id)).toBe('delivered'));
  const received = () => one.receiver.of(endpoint).length;

  /** Puts another function in the place of a method, until the returned one is called or the test ends. */
  function replace<T extends object, K extends keyof T>(target: T, name: K, by: T[K]): () => void {
    target[name] = by;
    const back = () => void delete target[name];
    undo.push(back);
    return back;
  }

  /** From now on `desk` claims nothing, and no claim of it is under way. @returns ends it */
  async function pauseClaims(desk: DeliveryDesk): Promise<() => void> {
    const asked = Promise.withResolvers<void>();
    // Its loop asks again when the claim before has been answered.
    const back = replace(claimsOf(desk), 'claim', () => {
      asked.resolve();
      return Promise.resolve([]);
    });
    await asked.promise;
    return back;
  }

  /** Holds back the answer to the next claim that gets something, once PostgreSQL has committed it, until `then` is done. */
  function delayClaim(desk: DeliveryDesk, then: () => Promise<void>): void {
    const claims = claimsOf(desk);
    const claim = claims.claim.bind(claims);
    const back = replace(claims, 'claim', async (options) => {
      const rows = await claim(options);
      if (rows.length === 0) return rows;
      back();
      await then();
      return rows;
    });
  }

  /** From now on no renewal of `desk` reaches PostgreSQL, and its lease ends, as if the process was paused. @returns ends it */
  async function endLease(desk: DeliveryDesk): Promise<() => void> {
    const back = replace(leasesOf(desk), 'renew', () => Promise.reject(new Error('paused by the test')));
    await leaseOf(desk).renew(); // one that was under way has ended
    await desk.database.rows(`UPDATE delivery_workers SET lease_until = now() - interval '1 s' WHERE id = $1`, [
      leaseOf(desk).owner,
    ]);
    return back;
  }

  /** The leases that claims gave end, as they do by time. */
  const endClaims = () =>
    one.database.rows(`UPDATE alert_delivery_queue SET lease_until = now() - interval '1 s' WHERE status = 'sending'`);

  /** What the upkeep of a process does each second. */
  const reclaim = (desk: DeliveryDesk) =>
    withCorrelation(undefined, () => leasesOf(desk).reclaim(leaseOf(desk).owner, leaseOf(desk).heldIds));

  /** From now on the endpoint does not answer. @returns answers everything with a status, and from then on at once with 204 */
  function hang(): (status?: number) => void {
    const waiting: ((status: number) => void)[] = [];
    one.receiver.answers.set(
      endpoint,
      (_receipt, response) => void waiting.push((status) => response.writeHead(status).end()),
    );
    return (status = 204) => {
      one.receiver.answers.delete(endpoint);
      for (const answer of waiting.splice(0)) answer(status);
    };
  }

  /** Process one has one delivery in flight, and the lease that its claim gave has ended; process two claims nothing yet. */
  async function oneInFlight() {
    const resume = await pauseClaims(two);
    const answer = hang();
    const [id] = await one.enqueue([endpoint]);
    await eventually(() => expect(received()).toBe(1));
    await endClaims();
    return { id: id!, answer, resume };
  }

  /** As oneInFlight(); then process one is paused, and process two has taken the delivery over, without having claimed it. */
  async function takenOver() {
    const flight = await oneInFlight();
    await pauseClaims(one);
    const wake = await endLease(one);
    await eventually(async () => {
      await reclaim(two);
      expect(await one.statusOf(flight.id)).toBe('pending');
    });
    return { ...flight, wake };
  }

  /** Something sent after everything that could still be sent. */
  async function sendAnother(): Promise<void> {
    const [id] = await one.enqueue([endpoint]);
    await delivered(id!);
  }

  it('keeps a send that outlasts its claim from being taken over, by its own process and by others', async () => {
    const { id, answer, resume } = await oneInFlight();
    resume();
    expect([await reclaim(one), await reclaim(two)]).toEqual([0, 0]);
    answer();
    await delivered(id);
    expect(received()).toBe(1);
  });

  it('is renewed by a timer of its own, also while the claims of its process get nothing, and ends with the process', async () => {
    const third = await start({ leaseMs: 1_500 });
    await pauseClaims(third);
    const until = async () => {
      const [row] = await one.database.rows<{ until: Date }>(
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

  /** The endpoint has answered, and recording that lasts longer than the claim, is rolled back, and is tried again. */
  async function slowRecording(whileRecording: () => Promise<unknown>): Promise<void> {
    const { id, answer, resume } = await oneInFlight();
    const began = Promise.withResolvers<void>();
    const fail = Promise.withResolvers<void>();
    one.channel.onSettled = async () => {
      one.channel.onSettled = undefined;
      began.resolve();
      await fail.promise;
      throw new Error('this recording is rolled back');
    };
    answer();
    await began.promise;
    await whileRecording();
    resume();
    await reclaim(two);
    fail.resolve();
    await eventually(async () => {
      await reclaim(two);
      expect(await one.statusOf(id)).toBe('delivered');
    });
  }

  it('keeps a delivery whose outcome takes long to record, and is rolled back once, from being sent again', async () => {
    await slowRecording(() => Promise.resolve());
    expect(received()).toBe(1);
  });

  it('would not keep it without renewals: it is sent again (negative control)', async () => {
    await slowRecording(() => endLease(one));
    await eventually(() => expect(received()).toBe(2));
  });

  it('once over, lets another process take over what is in flight, and a success that comes first stops the second send', async () => {
    const { id, answer, resume } = await takenOver();
    answer();
    await delivered(id);
    resume();
    await sendAnother();
    expect(received()).toBe(2);
    expect(await find(id)).toMatchObject({ status: 'delivered', attempts: 1, statusCode: 204 });
  });

  it('once over, lets a failure that comes late put off the second send to its place in the schedule', async () => {
    const { id, answer, resume } = await takenOver();
    answer(500);
    await eventually(async () => expect((await find(id)).statusCode).toBe(500));
    resume();
    await sendAnother();
    expect(received()).toBe(2);
    const [row] = await one.database.rows(
      'SELECT status, step, next_attempt_at > now() AS later FROM alert_delivery_queue WHERE id = $1',
      [id],
    );
    expect(row).toEqual({ status: 'pending', step: 1, later: true });
  });

  it('once over, lets a retry by hand stand against a failure that comes late', async () => {
    const { id, answer, resume } = await takenOver();
    await one.module.get(DeliveriesService).retry(id);
    answer(500);
    await eventually(async () => expect(await one.module.get(DeliveriesRepository).attempts(id)).toHaveLength(1));
    expect(await find(id)).toMatchObject({ status: 'pending', statusCode: null });
    resume();
    await delivered(id);
    expect(received()).toBe(2);
  });

  it('once over, lets a success stop the second send even after the second claim, as long as that has not begun', async () => {
    const { id, answer, resume } = await takenOver();
    resume();
    delayClaim(two, async () => {
      answer();
      await delivered(id);
    });
    await delivered(id);
    await sendAnother();
    expect(received()).toBe(2);
  });

  it('would not stop it without the check before the second send (negative control)', async () => {
    const { id, answer, resume } = await takenOver();
    replace(leasesOf(two), 'confirm', () => Promise.resolve(true));
    resume();
    delayClaim(two, async () => {
      answer();
      await delivered(id);
    });
    await eventually(() => expect(received()).toBe(2));
  });

  it('that ended while the answer to a claim was on its way keeps the process from sending what it no longer owns', async () => {
    const third = await start({ leaseMs: 1_000 });
    await pauseClaims(one);
    const resume = await pauseClaims(two);
    const read = Promise.withResolvers<void>();
    delayClaim(third, async () => {
      const wake = await endLease(third);
      resume(); // it takes the delivery over when the 1,000 ms of the claim are up
      await delivered(id!);
      wake();
      read.resolve();
    });
    const [id] = await one.enqueue([endpoint]);
    await read.promise;
    await eventually(() => expect(leaseOf(third).heldIds).toEqual([]));
    await third.close();
    expect(received()).toBe(1);
  });

  it('does not keep what its process does not work on: a claim whose answer was lost is sent when its own lease ends', async () => {
    await pauseClaims(two);
    const lost = Promise.withResolvers<void>();
    delayClaim(one, () => {
      lost.resolve();
      return Promise.reject(new Error('the connection was lost'));
    });
    const [id] = await one.enqueue([endpoint]);
    await lost.promise;
    expect(await reclaim(one)).toBe(0);
    await endClaims();
    await delivered(id!);
    expect(received()).toBe(1);
  });

  it('lets a process return an attempt, but not a newer attempt of the same delivery', async () => {
    await pauseClaims(two);
    const answer = hang();
    const [id] = await one.enqueue([endpoint]);
    await eventually(() => expect(received()).toBe(1));
    const { owner } = leaseOf(one);
    await leasesOf(one).handBack(owner, [{ id: id!, attempt: 0 }]);
    expect(await one.statusOf(id!)).toBe('sending');
    leaseOf(one).drop({ id: id!, attempt: 0 });
    expect(leaseOf(one).heldIds).toContain(id);
    await pauseClaims(one);
    await leasesOf(one).handBack(owner, [{ id: id!, attempt: 1 }]);
    expect(await one.statusOf(id!)).toBe('pending');
    answer();
    await delivered(id!);
  });
});

describe('a single process whose event loop is blocked for longer than the lease', () => {
  it('doubles nothing', async () => {
    const desk = await DeliveryDesk.start({ internals: [deliveriesConfig.with({ leaseMs: 2_000 })] });
    try {
      const endpoint = await desk.lane({ concurrency: 50 });
      let requests = 0;
      desk.receiver.answers.set(endpoint, (_receipt, response) => {
        // Both times with other sends in flight, and with outcomes that are not recorded.
        if (++requests === 15 || requests === 65) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
        response.writeHead(204).end();
      });
      await Promise.all(Array.from({ length: 100 }, () => desk.enqueue([endpoint])));
      await eventually(async () => expect(await desk.count('delivered')).toBe(100), 20_000);
      expect(desk.receiver.of(endpoint)).toHaveLength(100);
    } finally {
      await desk.close();
    }
  });
});
