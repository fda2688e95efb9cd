import { Injectable } from '@nestjs/common';
import { Transactions } from '#database';
import { Changes } from '#changes';
import { correlationId } from '#telemetry';
import type { EnqueuedDelivery, NewDelivery } from './delivery.js';
import { DeliveryEnqueueRepository } from './delivery-enqueue.repository.js';
import { noTransaction } from '../deliveries.errors.js';
import { DeliveryWake } from '../delivery-wake.js';

/** The one durable hand-over: above it exactly once, below it at least once. */
@Injectable()
export class DeliveryQueue {
  constructor(
    private readonly repository: DeliveryEnqueueRepository,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    private readonly wake: DeliveryWake,
  ) {}

  /**
   * Puts deliveries into the ledger, in the open transaction: they exist if and only if the alert does. One row for each
   * alert and endpoint; again changes nothing. In a held lane they are held; beyond `heldMax` they are dead.
   * @throws Error outside of a transaction
   */
  async enqueue(items: readonly NewDelivery[]): Promise<EnqueuedDelivery[]> {
    if (!this.transactions.isOpen) throw noTransaction();
    if (items.length === 0) return [];
    const rows = await this.repository.insert(items, correlationId());
    if (rows.length > 0) {
      await this.wake.ask();
      this.changes.hint();
    }
    return rows;
  }
}
