import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { afterAttempts, type Tally } from '../lanes/lane-circuit.js';
import type { SettledAttempt } from '../ledger/delivery.js';
import { DeliveryChannels } from './delivery-channel.js';
import { DeliveryRecordRepository, type RecordedDelivery } from './delivery-record.repository.js';
import type { EndedAttempt } from './ended-attempt.js';

/** Deliveries that an attempt has changed, by id. */
type Recorded = ReadonlyMap<string, RecordedDelivery>;

/** Stores a batch of outcomes, updates circuits and notifies channels, all in one transaction. */
@Injectable()
export class OutcomeWriter {
  private readonly logger = new Logger('Deliveries');

  constructor(
    private readonly repository: DeliveryRecordRepository,
    private readonly channels: DeliveryChannels,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    @InjectMetric('deliveries_settled_total') private readonly settled: Counter,
    @InjectMetric('deliveries_dead_total') private readonly deadTotal: Counter,
    @InjectMetric('deliveries_record_duration_seconds') private readonly duration: Histogram,
  ) {}

  /** @param owner worker that made the attempts */
  async write(owner: string, batch: readonly EndedAttempt[]): Promise<void> {
    const done = this.duration.startTimer();
    const recorded = await this.transactions.atomic(async () => {
      const rows = batch.map(({ row }) => row);
      const moved = await this.repository.record(owner, rows);
      const byId: Recorded = new Map(moved.map((delivery) => [delivery.id, delivery]));
      const counting = batch.filter(({ row }) => byId.has(row.id));
      await this.judgeLanes(counting);
      await this.notifyChannels(counting, byId);
      return byId;
    });
    done();
    this.changes.hint();
    for (const { row } of batch) {
      this.settled.inc({ outcome: row.outcome });
      if (recorded.get(row.id)?.status === 'dead') this.deadTotal.inc();
    }
  }

  /** Updates the circuits. Skips lanes that succeed and were healthy before. */
  private async judgeLanes(batch: readonly EndedAttempt[]): Promise<void> {
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

  private async notifyChannels(batch: readonly EndedAttempt[], recorded: Recorded): Promise<void> {
    for (const [channel, ended] of Map.groupBy(batch, ({ delivery }) => delivery.channel)) {
      const attempts = ended.map(({ delivery: { id, endpointId, attempt }, outcome, row }): SettledAttempt => {
        const { status, alertId, messageId, correlationId } = recorded.get(id)!;
        const { at, error } = row;
        return { deliveryId: id, endpointId, attempt, outcome, status, error, at, alertId, messageId, correlationId };
      });
      await this.channels.find(channel)?.settled?.(attempts);
    }
  }
}
