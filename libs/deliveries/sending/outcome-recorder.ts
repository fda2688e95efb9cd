import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import { setTimeout as delay } from 'node:timers/promises';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { withCorrelation } from '#telemetry';
import { DeadLetters } from '../ledger/dead-letters.js';
import type { DeliveryOutcome, SettledAttempt } from '../ledger/delivery.js';
import { DeliveryChannels } from './delivery-channel.js';
import type { ClaimedDelivery } from './delivery-claim.repository.js';
import { type AttemptRow, DeliveryRecordRepository, type RecordedDelivery } from './delivery-record.repository.js';
import { afterAttempts, type Tally } from '../lanes/lane-circuit.js';
import { settle, succeeded } from './retry-schedule.js';

const EVERY_MS = 20;
const ENOUGH = 100;
const BATCH = 500;
/** So often a batch is tried; then its attempts one by one, so that one that cannot be recorded holds up no other. */
const TRIES = 5;
const MAX_ERROR = 1_000;
const MAX_RESPONSE = 16_384;

interface Ended {
  delivery: ClaimedDelivery;
  outcome: DeliveryOutcome;
  row: AttemptRow;
}

/** Writes down how attempts ended, many in one transaction, with what follows from it: the lanes' circuits, dead letters, the channel's own accounts. */
@Injectable()
export class OutcomeRecorder {
  /** Of this process's leases. */
  readonly owner = randomUUID();
  private readonly logger = new Logger('Deliveries');
  private waiting: Ended[] = [];
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  /** Called after each batch: lanes have room again. */
  recorded: () => void = () => undefined;

  constructor(
    private readonly repository: DeliveryRecordRepository,
    private readonly channels: DeliveryChannels,
    private readonly dead: DeadLetters,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    @InjectMetric('deliveries_settled_total') private readonly settled: Counter,
    @InjectMetric('deliveries_dead_total') private readonly deadTotal: Counter,
    @InjectMetric('deliveries_duration_seconds') private readonly duration: Histogram,
    @InjectMetric('deliveries_record_duration_seconds') private readonly recordDuration: Histogram,
  ) {}

  add(delivery: ClaimedDelivery, outcome: DeliveryOutcome): void {
    const now = new Date();
    if (delivery.attempt === 1 && succeeded(outcome))
      this.duration.observe(Math.max(0, now.getTime() - delivery.createdAt.getTime()) / 1_000);
    this.waiting.push({ delivery, outcome, row: rowOf(delivery, outcome, now) });
    if (this.flushing) return;
    if (this.waiting.length >= ENOUGH) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), EVERY_MS);
  }

  /** Resolves when everything is written down (or was given up). */
  async drain(): Promise<void> {
    while (this.waiting.length > 0 || this.flushing) {
      if (!this.flushing) this.flush();
      await this.flushing;
    }
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.waiting.splice(0, BATCH);
    this.flushing = withCorrelation(undefined, () => this.persist(batch)).finally(() => {
      this.flushing = undefined;
      this.recorded();
      if (this.waiting.length >= ENOUGH) this.flush();
      else if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.flush(), EVERY_MS);
    });
  }

  private async persist(batch: readonly Ended[]): Promise<void> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      try {
        return await this.write(batch);
      } catch (error) {
        this.logger.warn({
          msg: 'outcomes of deliveries could not be recorded; trying again',
          attempts: batch.length,
          err: error,
        });
        await delay(Math.min(100 * 2 ** attempt, 2_000));
      }
    }
    if (batch.length > 1) {
      for (const one of batch) await this.write([one]).catch((error: unknown) => this.giveUp([one], error));
    } else this.giveUp(batch, undefined);
  }

  /** Its lease runs out, and it is sent again: at least once. */
  private giveUp(batch: readonly Ended[], err: unknown): void {
    for (const { delivery, outcome } of batch) {
      this.logger.error({
        msg: 'the outcome of a delivery could not be recorded; it will be sent again',
        delivery: delivery.id,
        outcome: outcome.kind,
        err,
      });
    }
  }

  private async write(batch: readonly Ended[]): Promise<void> {
    const done = this.recordDuration.startTimer();
    const moved = await this.transactions.atomic(async () => {
      const rows = new Map(
        (
          await this.repository.record(
            this.owner,
            batch.map(({ row }) => row),
          )
        ).map((row) => [row.id, row]),
      );
      await this.judgeLanes(batch.filter(({ row }) => rows.has(row.id)));
      await this.tellChannels(batch, rows);
      await this.dead.tell(batch.flatMap(({ row }) => deadLetter(row, rows.get(row.id))));
      return rows;
    });
    done();
    this.changes.hint();
    for (const { row } of batch) {
      this.settled.inc({ outcome: row.outcome });
      if (moved.get(row.id)?.status === 'dead') this.deadTotal.inc();
    }
  }

  /** Lanes that are well and stay so cost nothing here. */
  private async judgeLanes(batch: readonly Ended[]): Promise<void> {
    const tallies = new Map<string, Tally & { matters: boolean }>();
    for (const { delivery, row } of batch) {
      const tally = tallies.get(delivery.endpointId) ?? { delivered: 0, failed: 0, matters: false };
      tally[row.status === 'delivered' ? 'delivered' : 'failed'] += 1;
      tally.matters ||= delivery.doubtful || row.status !== 'delivered';
      tallies.set(delivery.endpointId, tally);
    }
    const judged = [...tallies].filter(([, { matters }]) => matters).map(([endpointId]) => endpointId);
    if (judged.length === 0) return;
    const now = new Date();
    for (const { endpointId, circuit, recent } of await this.repository.circuits(judged)) {
      const after = afterAttempts(circuit, tallies.get(endpointId)!, recent, now);
      if (after === circuit) continue;
      if (after.state !== circuit.state)
        this.logger.warn({ msg: `circuit of an endpoint: ${circuit.state} -> ${after.state}`, endpointId, ...recent });
      await this.repository.saveCircuit(endpointId, after);
    }
  }

  private async tellChannels(batch: readonly Ended[], rows: ReadonlyMap<string, RecordedDelivery>): Promise<void> {
    const attempts = new Map<string, SettledAttempt[]>();
    for (const { delivery, outcome, row } of batch) {
      const status = rows.get(row.id)?.status;
      if (status === undefined) continue;
      const list = attempts.get(delivery.channel) ?? [];
      list.push({
        deliveryId: delivery.id,
        endpointId: delivery.endpointId,
        attempt: delivery.attempt,
        outcome,
        status,
        at: row.at,
      });
      attempts.set(delivery.channel, list);
    }
    for (const [name, list] of attempts) await this.channels.find(name)?.settled?.(list);
  }
}

function rowOf(delivery: ClaimedDelivery, outcome: DeliveryOutcome, now: Date): AttemptRow {
  const { status, step, nextAttemptAt } = settle(delivery.step, outcome, now, Math.random);
  const gone = outcome.kind === 'gone' || outcome.statusCode === 410;
  return {
    id: delivery.id,
    attempt: delivery.attempt,
    at: now,
    outcome: status === 'delivered' ? 'delivered' : gone ? 'gone' : 'failed',
    status,
    step,
    nextAttemptAt,
    statusCode: outcome.statusCode ?? null,
    errorClass: outcome.errorClass ?? null,
    error: clean(outcome.error, MAX_ERROR),
    latencyMs: Math.round(outcome.latencyMs),
    responseBody: clean(outcome.responseBody, MAX_RESPONSE),
  };
}

function deadLetter(row: AttemptRow, moved: RecordedDelivery | undefined) {
  if (moved?.status !== 'dead') return [];
  const { id, endpointId, alertId, messageId, attempts, correlationId } = moved;
  return [
    { id, endpointId, alertId, messageId, attempts, correlationId, error: row.error, statusCode: row.statusCode },
  ];
}

/** What a receiver answers is anything: PostgreSQL's text takes no NUL. */
function clean(text: string | undefined, max: number): string | null {
  return text === undefined ? null : text.slice(0, max).replaceAll('\0', '\uFFFD');
}
