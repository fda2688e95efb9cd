import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Database, Startup } from '#database';
import { DeskRole } from '#background';
import { ShutdownSequence, withCorrelation } from '#telemetry';
import { deliveriesConfig, type DeliveriesConfig } from '../deliveries.config.js';
import { attemptDelivery } from './attempt-delivery.js';
import { DeliveryChannels } from './delivery-channel.js';
import { type ClaimedDelivery, DeliveryClaimRepository } from './delivery-claim.repository.js';
import { DeliveryWake } from '../delivery-wake.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import { SendsInFlight } from './sends-in-flight.js';

/** A chain of a recovering lane is given back after so long: its leases must not run out while it waits for its turn. */
const CHAIN_PART_OF_LEASE = 0.2;
const SEND_PART_OF_LEASE = 0.75;

/** Claims in a short transaction, sends outside of any, and has the outcome recorded. Any number of processes do it at once. */
@Injectable()
export class DeliveryWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Deliveries');
  private readonly flight: SendsInFlight;
  private readonly abort = new AbortController();
  private loop: Promise<void> | undefined;
  private stopping = false;
  private woken = false;
  private blocked = false;
  private sleeper: (() => void) | undefined;

  constructor(
    private readonly claims: DeliveryClaimRepository,
    private readonly channels: DeliveryChannels,
    private readonly recorder: OutcomeRecorder,
    private readonly role: DeskRole,
    private readonly database: Database,
    private readonly startup: Startup,
    private readonly changes: Changes,
    private readonly jobWake: DeliveryWake,
    private readonly shutdown: ShutdownSequence,
    @Inject(deliveriesConfig.token) private readonly config: DeliveriesConfig,
    @InjectMetric('deliveries_claimed_total') private readonly claimed: Counter,
  ) {
    this.flight = new SendsInFlight(config.concurrency, () => {
      if (this.blocked && this.flight.room >= this.least) this.wake();
    });
  }

  onApplicationBootstrap(): void {
    if (!this.role.worker) return;
    this.shutdown.onDrain('deliveries', () => this.stopClaiming());
    void this.startup.whenReady().then(
      () => {
        if (this.stopping || this.database.readOnly) return;
        this.changes.onChange('deliveries', () => this.wake());
        this.jobWake.onWake(() => this.wake());
        this.recorder.recorded = () => this.wake();
        this.loop = this.run();
      },
      () => undefined,
    );
  }

  /** Sends in flight may finish; then they are asked to stop, and handed back. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopClaiming();
    await this.loop;
    if (!this.loop) return;
    await this.flight.finished(this.config.drainMs);
    this.abort.abort();
    await this.recorder.drain();
    await withCorrelation(undefined, () => this.claims.handBack(this.recorder.owner)).catch((error: unknown) =>
      this.logger.warn({ msg: 'deliveries in flight could not be handed back; their leases will run out', err: error }),
    );
  }

  private stopClaiming(): void {
    this.stopping = true;
    this.wake();
  }

  /** Half of the places: a claim costs PostgreSQL 2 ms and 0.05 ms a row (50 lanes), so that one of 8 is four times as dear a row as one of 64. */
  private get least(): number {
    return Math.max(1, this.config.concurrency / 2);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.woken = false;
      const room = this.flight.room;
      this.blocked = room < this.least;
      const more = this.blocked ? false : await this.claim(room);
      if (!more) await this.pause();
    }
  }

  /** @returns whether there may be more */
  private async claim(limit: number): Promise<boolean> {
    try {
      const rows = await withCorrelation(undefined, () =>
        this.claims.claim({
          owner: this.recorder.owner,
          limit,
          leaseMs: this.config.leaseMs,
          channels: this.channels.names(),
          except: this.flight.crowded,
        }),
      );
      this.claimed.inc(rows.length);
      this.begin(rows);
      // Fewer than asked for is no sign of an end: another worker may just have held some lanes' locks.
      return rows.length > 0;
    } catch (error) {
      this.logger.warn({ msg: 'deliveries could not be claimed; trying again', err: error });
      return false;
    }
  }

  private begin(rows: readonly ClaimedDelivery[]): void {
    const chains = new Map<string, ClaimedDelivery[]>();
    for (const row of rows) {
      if (row.inOrder) chains.set(row.endpointId, [...(chains.get(row.endpointId) ?? []), row]);
      else void this.sendOne(row);
    }
    for (const chain of chains.values()) void this.sendInOrder(chain);
  }

  private async sendOne(delivery: ClaimedDelivery): Promise<void> {
    const end = this.flight.begin(delivery.endpointId, delivery.doubtful);
    const channel = this.channels.find(delivery.channel)!;
    const outcome = await attemptDelivery(
      channel,
      delivery,
      this.config.leaseMs * SEND_PART_OF_LEASE,
      this.abort.signal,
    );
    // Nobody knows whether it arrived: no outcome, no record, and it is handed back.
    if (outcome) this.recorder.add(delivery, outcome);
    end();
  }

  private async sendInOrder(chain: readonly ClaimedDelivery[]): Promise<void> {
    const began = performance.now();
    for (const [n, delivery] of chain.entries()) {
      if (this.stopping || performance.now() - began > this.config.leaseMs * CHAIN_PART_OF_LEASE) {
        const rest = chain.slice(n).map(({ id }) => id);
        await withCorrelation(undefined, () => this.claims.handBack(this.recorder.owner, rest)).catch(() => undefined);
        return;
      }
      await this.sendOne(delivery);
    }
  }

  private wake(): void {
    this.woken = true;
    this.sleeper?.();
  }

  private async pause(): Promise<void> {
    if (this.woken || this.stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.config.pollMs);
      this.sleeper = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.sleeper = undefined;
  }
}
