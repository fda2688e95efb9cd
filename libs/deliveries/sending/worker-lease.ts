import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { withCorrelation } from '#telemetry';
import { deliveriesConfig, type DeliveriesConfig } from '../deliveries.config.js';
import { DeliveryLeasesRepository, type LeasedAttempt } from './delivery-leases.repository.js';
import { LeaseTerm } from './lease-term.js';

/** Renewals per lease. After a failed or late one, two more come before the lease ends. */
const RENEWALS_PER_LEASE = 3;
const RETRIES_PER_LEASE = 12;

/** The lease of this process on its deliveries, renewed by its own timer while the process works. */
@Injectable()
export class WorkerLease {
  /** Identifies this process in claimed rows. */
  readonly owner = randomUUID();
  private readonly logger = new Logger('Deliveries');
  private readonly term: LeaseTerm;
  /** Attempt number by delivery id, from the claim until the outcome is recorded. */
  private readonly held = new Map<string, number>();
  private renewing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly leases: DeliveryLeasesRepository,
    @Inject(deliveriesConfig.token) private readonly config: DeliveriesConfig,
    @InjectMetric('deliveries_lease_lost_total') private readonly lost: Counter,
  ) {
    this.term = new LeaseTerm(config.leaseMs);
  }

  get leaseMs(): number {
    return this.config.leaseMs;
  }

  /** Ids of the deliveries that this process works on. */
  get heldIds(): string[] {
    return [...this.held.keys()];
  }

  hold(attempts: readonly LeasedAttempt[]): void {
    for (const { id, attempt } of attempts) this.held.set(id, attempt);
  }

  drop({ id, attempt }: LeasedAttempt): void {
    if (this.held.get(id) === attempt) this.held.delete(id);
  }

  /** Time until other workers may take over a delivery whose claim was requested at `claimedAt` (`performance.now()`), in ms. */
  left(claimedAt: number): number {
    return this.term.left(claimedAt, performance.now());
  }

  /** Renews the lease now, and then by timer. Resolves when PostgreSQL has answered, also after a failure. */
  renew(): Promise<void> {
    return (this.renewing ??= withCorrelation(undefined, () => this.ask()).finally(() => (this.renewing = undefined)));
  }

  /** Ends the lease and returns all deliveries to the queue. */
  async release(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.renewing;
    await withCorrelation(undefined, () => this.leases.release(this.owner));
  }

  private async ask(): Promise<void> {
    const askedAt = performance.now();
    let parts = RENEWALS_PER_LEASE;
    try {
      await this.leases.renew(this.owner, this.config.leaseMs);
      if (this.term.renew(askedAt, performance.now())) {
        this.lost.inc();
        this.logger.warn({
          msg: 'the delivery lease of this process ran out before it was renewed: the process was paused or PostgreSQL did not answer. Other workers may have taken over its deliveries.',
          leaseMs: this.config.leaseMs,
          held: this.held.size,
        });
      }
    } catch (error) {
      parts = RETRIES_PER_LEASE;
      this.logger.warn({ msg: 'the delivery lease of this process could not be renewed; trying again', err: error });
    }
    clearTimeout(this.timer);
    const next = Math.max(0, askedAt + this.config.leaseMs / parts - performance.now());
    if (!this.stopped) this.timer = setTimeout(() => void this.renew(), next).unref();
  }
}
