import { deliveriesConfig } from '#deliveries/config';
import { withCorrelation } from '#telemetry';
import { DeliveriesRepository } from '../../../libs/deliveries/ledger/deliveries.repository.js';
import { DeliveryClaimRepository } from '../../../libs/deliveries/sending/delivery-claim.repository.js';
import { DeliveryLeasesRepository } from '../../../libs/deliveries/sending/delivery-leases.repository.js';
import { WorkerLease } from '../../../libs/deliveries/sending/worker-lease.js';
import { eventually } from '../../setup/eventually.js';
import { DeliveryDesk } from './deliveries.fixture.js';

export const leasesOf = (desk: DeliveryDesk) => desk.module.get(DeliveryLeasesRepository);
export const leaseOf = (desk: DeliveryDesk) => desk.module.get(WorkerLease);

/** Two sending processes and an endpoint. Their leases last 20 s and end when a test says so. */
export class TwoWorkers {
  one!: DeliveryDesk;
  two!: DeliveryDesk;
  endpoint!: string;
  private readonly undo: (() => void)[] = [];

  async open(): Promise<void> {
    this.one = await DeliveryDesk.start({ internals: [deliveriesConfig.with({ pollMs: 50 })] });
    this.two = await this.another({});
  }

  /** One more process with these limits. The caller closes it. */
  another(limits: Parameters<typeof deliveriesConfig.with>[0]): Promise<DeliveryDesk> {
    const { module, receiver } = this.one;
    return DeliveryDesk.start({
      ...{ database: module.database, receiver },
      internals: [deliveriesConfig.with({ pollMs: 50, ...limits })],
    });
  }

  /** A new endpoint for the next test. */
  async begin(): Promise<void> {
    this.endpoint = await this.one.lane({ concurrency: 50 });
  }

  /** Undoes what the test has replaced. */
  async end(): Promise<void> {
    for (const step of this.undo.splice(0)) step();
    await Promise.all([leaseOf(this.one).renew(), leaseOf(this.two).renew()]);
  }

  async close(): Promise<void> {
    await this.two.close();
    await this.one.close();
  }

  find = async (id: string) => (await this.one.module.get(DeliveriesRepository).find(id))!;
  delivered = (id: string) => eventually(async () => expect(await this.one.statusOf(id)).toBe('delivered'));
  received = () => this.one.receiver.of(this.endpoint).length;

  /** Replaces a method until the returned function is called or the test ends. */
  replace<T extends object, K extends keyof T>(target: T, name: K, by: T[K]): () => void {
    target[name] = by;
    const back = () => void delete target[name];
    this.undo.push(back);
    return back;
  }

  /** Stops the claims of `desk`, and waits for one that is under way. @returns a function that resumes them */
  async pauseClaims(desk: DeliveryDesk): Promise<() => void> {
    const asked = Promise.withResolvers<void>();
    // The loop claims again when the previous claim was answered.
    const back = this.replace(desk.module.get(DeliveryClaimRepository), 'claim', () => {
      asked.resolve();
      return Promise.resolve([]);
    });
    await asked.promise;
    return back;
  }

  /** Delays the answer to the next claim with rows, after PostgreSQL has committed it, until `then` is done. */
  delayClaim(desk: DeliveryDesk, then: () => Promise<void>): void {
    const claims = desk.module.get(DeliveryClaimRepository);
    const claim = claims.claim.bind(claims);
    const back = this.replace(claims, 'claim', async (options) => {
      const rows = await claim(options);
      if (rows.length === 0) return rows;
      back();
      await then();
      return rows;
    });
  }

  /** Blocks the renewals of `desk` and ends its lease, as if the process was paused. @returns a function that allows renewals again */
  async endLease(desk: DeliveryDesk): Promise<() => void> {
    const back = this.replace(leasesOf(desk), 'renew', () => Promise.reject(new Error('paused by the test')));
    await leaseOf(desk).renew(); // waits for one that is under way
    await desk.database.rows(`UPDATE delivery_workers SET lease_until = now() - interval '1 s' WHERE id = $1`, [
      leaseOf(desk).owner,
    ]);
    return back;
  }

  /** Ends the leases of all claims. */
  endClaims = () =>
    this.one.database.rows(
      `UPDATE alert_delivery_queue SET lease_until = now() - interval '1 s' WHERE status = 'sending'`,
    );

  /** Takes over deliveries, as the upkeep of a process does each second. */
  reclaim = (desk: DeliveryDesk) =>
    withCorrelation(undefined, () => leasesOf(desk).reclaim(leaseOf(desk).owner, leaseOf(desk).heldIds));

  /** Lets the endpoint hang. @returns a function that answers all waiting requests with a status, and later ones with 204 */
  hang(): (status?: number) => void {
    const waiting: ((status: number) => void)[] = [];
    this.one.receiver.answers.set(
      this.endpoint,
      (_receipt, response) => void waiting.push((status) => response.writeHead(status).end()),
    );
    return (status = 204) => {
      this.one.receiver.answers.delete(this.endpoint);
      for (const answer of waiting.splice(0)) answer(status);
    };
  }

  /** Puts one delivery of process one in flight and ends the lease of its claim. Process two claims nothing yet. */
  async oneInFlight() {
    const resume = await this.pauseClaims(this.two);
    const answer = this.hang();
    const [id] = await this.one.enqueue([this.endpoint]);
    await eventually(() => expect(this.received()).toBe(1));
    await this.endClaims();
    return { id: id!, answer, resume };
  }

  /** As oneInFlight(). Then process one is paused, and process two has taken the delivery over but not claimed it. */
  async takenOver() {
    const flight = await this.oneInFlight();
    await this.pauseClaims(this.one);
    const wake = await this.endLease(this.one);
    await eventually(async () => {
      await this.reclaim(this.two);
      expect(await this.one.statusOf(flight.id)).toBe('pending');
    });
    return { ...flight, wake };
  }

  /** Sends a delivery after all that could still be sent. */
  async sendAnother(): Promise<void> {
    const [id] = await this.one.enqueue([this.endpoint]);
    await this.delivered(id!);
  }
}
