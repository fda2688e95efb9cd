import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { QuickPlaces } from '#resilience';
import { withCorrelation } from '#telemetry';
import { deliveriesConfig, type DeliveriesConfig } from '../deliveries.config.js';
import { attemptDelivery } from './attempt-delivery.js';
import { DeliveryChannels } from './delivery-channel.js';
import type { ClaimedDelivery } from './delivery-claim.repository.js';
import { DeliveryLeasesRepository } from './delivery-leases.repository.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import { WorkerLease } from './worker-lease.js';

/** Minimum time for one send. It is longer if the lease is. */
const SEND_MS = 15_000;

/** After this long, a send no longer counts against the concurrency limit. */
const SLOW_AFTER_MS = 250;

/** Maximum number of slow sends. Beyond it their lanes get no more deliveries in this process until some have ended. */
const SLOW_MAX = 1_000;

/**
 * A send begins only if this part of the lease is left. With the default lease of 20 s it covers the whole send, which ends
 * before another worker may take it over, even if no renewal succeeds meanwhile. With a shorter lease two renewals are due
 * before its end. The rest is for late answers to claims.
 */
const PART_TO_BEGIN = 0.75;

/** Sends the claimed deliveries of this process: at once, or one after another for a recovering lane. */
@Injectable()
export class DeliverySender {
  /** Called when a place becomes free. */
  freed: () => void = () => undefined;
  private readonly logger = new Logger('Deliveries');
  private readonly flight: QuickPlaces;
  private readonly abort = new AbortController();
  private readonly sendMs: number;
  private readonly leftToBeginMs: number;
  private stopping = false;

  constructor(
    private readonly registry: DeliveryChannels,
    private readonly leases: DeliveryLeasesRepository,
    private readonly lease: WorkerLease,
    private readonly recorder: OutcomeRecorder,
    @Inject(deliveriesConfig.token) private readonly config: DeliveriesConfig,
    @InjectMetric('deliveries_claimed_total') private readonly claimed: Counter,
  ) {
    this.flight = new QuickPlaces({
      places: config.concurrency,
      slowAfterMs: SLOW_AFTER_MS,
      slowMax: SLOW_MAX,
      freed: () => this.freed(),
    });
    this.leftToBeginMs = config.leaseMs * PART_TO_BEGIN;
    this.sendMs = Math.max(SEND_MS, this.leftToBeginMs);
  }

  /** Free places. */
  get room(): number {
    return this.flight.room;
  }

  /** Places that must be free before the next claim. A claim costs PostgreSQL 2 ms and 0.05 ms per row (50 lanes), so a row costs four times as much in a claim of 8 as in one of 64. */
  get batch(): number {
    return Math.max(1, this.config.concurrency / 2);
  }

  /** Names of the channels of this process. */
  get channels(): string[] {
    return this.registry.names();
  }

  /** Lanes that get no more deliveries until some of their slow sends have ended. */
  get crowded(): string[] {
    return this.flight.crowded;
  }

  /** Begins to send newly claimed deliveries. */
  begin(deliveries: readonly ClaimedDelivery[]): void {
    this.claimed.inc(deliveries.length);
    this.lease.hold(deliveries);
    const chains = Map.groupBy(
      deliveries.filter(({ inOrder }) => inOrder),
      ({ endpointId }) => endpointId,
    );
    for (const chain of chains.values()) void this.sendInOrder(chain);
    for (const delivery of deliveries) if (!delivery.inOrder) void this.sendInOrder([delivery]);
  }

  /** Begins no more sends. */
  stop(): void {
    this.stopping = true;
  }

  /** Waits up to `drainMs` for sends in flight, aborts the others, records outcomes, and returns the rest to the queue. */
  async finish(): Promise<void> {
    await this.flight.finished(this.config.drainMs);
    this.abort.abort();
    await this.recorder.drain();
    await this.lease.release().catch((error: unknown) =>
      this.logger.warn({
        msg: 'deliveries in flight could not be returned to the queue; another worker takes them over when the lease ends',
        err: error,
      }),
    );
  }

  /** Returns a delivery that cannot be sent now, with all that follow it, so that the order is kept. */
  private async sendInOrder(chain: readonly ClaimedDelivery[]): Promise<void> {
    for (const [n, delivery] of chain.entries())
      if (this.stopping || !(await this.send(delivery))) return this.handBack(chain.slice(n));
  }

  /** @returns false if it could not begin */
  private async send(delivery: ClaimedDelivery): Promise<boolean> {
    const end = this.flight.begin(delivery.endpointId, delivery.doubtful);
    try {
      if (!(await this.mayBegin(delivery))) return false;
      const channel = this.registry.find(delivery.channel)!;
      const outcome = await attemptDelivery(channel, delivery, this.sendMs, this.abort.signal);
      // Without an outcome it is unknown whether it arrived. The worker keeps it until the stop returns it.
      if (outcome) this.recorder.add(delivery, outcome);
      return true;
    } finally {
      end();
    }
  }

  /** Whether a send of it cannot be a second one and cannot be followed by one. Reads the database only if it has waited since its claim. */
  private async mayBegin(delivery: ClaimedDelivery): Promise<boolean> {
    const waited = delivery.interrupted || delivery.inOrder;
    if (waited && !(await this.confirmed(delivery))) return false;
    // The process may have been paused since the claim, and the claim's answer read late.
    if (this.lease.left(delivery.claimedAt) < this.leftToBeginMs) await this.lease.renew();
    return this.lease.left(delivery.claimedAt) >= this.leftToBeginMs;
  }

  private async confirmed(delivery: ClaimedDelivery): Promise<boolean> {
    return withCorrelation(undefined, () => this.leases.confirm(this.lease.owner, delivery)).catch((error: unknown) => {
      this.logger.warn({ msg: 'a delivery could not be confirmed before its send', delivery: delivery.id, err: error });
      return false;
    });
  }

  private async handBack(deliveries: readonly ClaimedDelivery[]): Promise<void> {
    await withCorrelation(undefined, () => this.leases.handBack(this.lease.owner, deliveries)).catch((error: unknown) =>
      this.logger.warn({
        msg: 'deliveries could not be returned to the queue; they follow when their claim ends',
        err: error,
      }),
    );
    for (const delivery of deliveries) this.lease.drop(delivery);
  }
}
