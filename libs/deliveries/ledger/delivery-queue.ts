import { Injectable } from '@nestjs/common';
import { Transactions } from '#database';
import { Changes } from '#changes';
import { correlationId } from '#telemetry';
import type { EnqueuedDelivery, NewDelivery } from './delivery.js';
import { DeliveryEnqueueRepository } from './delivery-enqueue.repository.js';
import { noTransaction } from '../deliveries.errors.js';
import { DeliveryWake } from '../delivery-wake.js';

/** The durable queue. Alerts are written exactly once before it, and deliveries are sent at least once after it. */
@Injectable()
export class DeliveryQueue {
  constructor(
    private readonly repository: DeliveryEnqueueRepository,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    private readonly wake: DeliveryWake,
  ) {}

  /**
   * Puts deliveries into the ledger in the open transaction, so they exist if and only if the alert does. There is one row per
   * alert and endpoint, and repeating the call changes nothing. Deliveries of a held lane are held, or dead beyond `heldMax`.
   * @throws Error outside a transaction
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
