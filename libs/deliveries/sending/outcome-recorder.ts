import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import { toDomainError } from '#database';
import { withCorrelation } from '#telemetry';
import type { DeliveryOutcome } from '../ledger/delivery.js';
import { DeliveryWake } from '../delivery-wake.js';
import type { ClaimedDelivery } from './delivery-claim.repository.js';
import { type EndedAttempt, endedAttempt } from './ended-attempt.js';
import { OutcomeWriter } from './outcome-writer.js';
import { succeeded } from './retry-schedule.js';
import { WorkerLease } from './worker-lease.js';

const FLUSH_EVERY_MS = 20;
/** Number of waiting outcomes that starts a flush early. */
const FLUSH_AT = 100;
const BATCH = 500;
/** Attempts to store a batch before falling back to one row at a time, so one bad row cannot block the rest. */
const TRIES = 5;
/** Maximum delay between two attempts. */
const MAX_DELAY_MS = 2_000;

/** Collects outcomes and stores them in batches. A delivery is held, and so protected from a second send, until its outcome is stored. */
@Injectable()
export class OutcomeRecorder {
  private readonly logger = new Logger('Deliveries');
  private waiting: EndedAttempt[] = [];
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  private draining = false;

  constructor(
    private readonly writer: OutcomeWriter,
    private readonly lease: WorkerLease,
    private readonly wake: DeliveryWake,
    @InjectMetric('deliveries_duration_seconds') private readonly duration: Histogram,
  ) {}

  add(delivery: ClaimedDelivery, outcome: DeliveryOutcome): void {
    const now = new Date();
    if (delivery.attempt === 1 && succeeded(outcome))
      this.duration.observe(Math.max(0, now.getTime() - delivery.createdAt.getTime()) / 1_000);
    this.waiting.push(endedAttempt(delivery, outcome, now));
    if (!this.flushing) this.schedule();
  }

  /** Resolves when every outcome is stored or dropped after all attempts. */
  async drain(): Promise<void> {
    this.draining = true;
    while (this.waiting.length > 0 || this.flushing) {
      if (!this.flushing) this.flush();
      await this.flushing;
    }
  }

  private schedule(): void {
    if (this.waiting.length >= FLUSH_AT) this.flush();
    else if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.flush(), FLUSH_EVERY_MS);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting.splice(0, BATCH);
    this.flushing = withCorrelation(undefined, () => this.store(batch)).finally(() => {
      this.flushing = undefined;
      for (const { row } of batch) this.lease.drop(row);
      // Their lanes have free places again.
      this.wake.wake();
      this.schedule();
    });
  }

  private async store(batch: readonly EndedAttempt[]): Promise<void> {
    for (let attempt = 1, tries = 0; tries < TRIES; attempt++) {
      try {
        return await this.writer.write(this.lease.owner, batch);
      } catch (error) {
        // Given up in an outage, these deliveries would all be sent again. No new ones can be claimed meanwhile.
        if (this.draining || !isOutage(error)) tries += 1;
        this.logger.warn({
          msg: 'outcomes of deliveries could not be recorded; trying again',
          attempts: batch.length,
          err: error,
        });
        await new Promise((resolve) => setTimeout(resolve, Math.min(100 * 2 ** attempt, MAX_DELAY_MS)));
      }
    }
    for (const one of batch)
      await this.writer.write(this.lease.owner, [one]).catch((err: unknown) => {
        // The lease no longer covers it, so it is sent again when its claim ends (at least once).
        this.logger.error({
          msg: 'the outcome of a delivery could not be recorded; it will be sent again',
          delivery: one.delivery.id,
          outcome: one.outcome.kind,
          err,
        });
      });
  }
}

const OUTAGE = /^DATABASE_(UNAVAILABLE|READ_ONLY|POOL_EXHAUSTED|TOO_MANY_CONNECTIONS)$/;

/** Whether PostgreSQL is away, read-only or out of connections. A statement that timed out may be the fault of its rows. */
function isOutage(error: unknown): boolean {
  return OUTAGE.test(toDomainError(error)?.code ?? '');
}
