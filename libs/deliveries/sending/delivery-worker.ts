import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, Startup } from '#database';
import { DeskRole } from '#background';
import { ShutdownSequence, withCorrelation } from '#telemetry';
import { DeliveryWake } from '../delivery-wake.js';
import { DeliveryClaimRepository } from './delivery-claim.repository.js';
import { DeliverySender } from './delivery-sender.js';
import { WorkerLease } from './worker-lease.js';

/** Claims deliveries in a short transaction and passes them to the sender. Any number of processes can do so at once. */
@Injectable()
export class DeliveryWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Deliveries');
  private loop: Promise<void> | undefined;
  private stopping = false;
  private blocked = false;
  /** Whether it has a lease, so that there may be deliveries to hand back. */
  private leased = false;

  constructor(
    private readonly claims: DeliveryClaimRepository,
    private readonly sender: DeliverySender,
    private readonly lease: WorkerLease,
    private readonly wake: DeliveryWake,
    private readonly role: DeskRole,
    private readonly database: Database,
    private readonly startup: Startup,
    private readonly shutdown: ShutdownSequence,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.role.worker) return;
    this.shutdown.onDrain('deliveries', () => this.stop());
    void this.startup.whenReady().then(
      () => {
        if (this.stopping) return;
        this.wake.listen();
        this.sender.freed = () => {
          if (this.blocked && this.sender.room >= this.sender.batch) this.wake.wake();
        };
        this.loop = this.run();
      },
      () => undefined,
    );
  }

  /** Lets sends in flight finish for a while, then aborts them and returns their deliveries to the queue. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stop();
    await this.loop;
    if (this.leased) await this.sender.finish();
  }

  private stop(): void {
    this.stopping = true;
    this.sender.stop();
    this.wake.wake();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const seen = this.wake.wakes;
      const room = this.sender.room;
      this.blocked = room < this.sender.batch;
      // A claim is a write. The worker polls until the database accepts it again.
      const claims = !this.blocked && !this.database.readOnly;
      if (claims && !this.leased) {
        this.leased = true;
        await this.lease.renew();
      }
      const more = claims && (await this.claim(room));
      if (!more && !this.stopping) await this.wake.wait(seen);
    }
  }

  /** @returns whether there may be more deliveries */
  private async claim(limit: number): Promise<boolean> {
    try {
      const { owner, leaseMs } = this.lease;
      const { channels, crowded } = this.sender;
      const rows = await withCorrelation(undefined, () =>
        this.claims.claim({ owner, leaseMs, limit, channels, except: crowded }),
      );
      this.sender.begin(rows);
      // Fewer rows than the limit do not mean that no more wait, because another worker may have locked some lanes.
      return rows.length > 0;
    } catch (error) {
      this.logger.warn({ msg: 'deliveries could not be claimed; trying again', err: error });
      return false;
    }
  }
}
