import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { Atomic } from '#database';
import { deliveryInFlight, deliveryNotFound, laneGone } from '../deliveries.errors.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveryLanes } from '../lanes/delivery-lanes.js';
import { DeliveryRetriesRepository } from './delivery-retries.repository.js';
import { DeliveryWake } from '../delivery-wake.js';

/** Manual retries, with the same message id. */
@Injectable()
export class DeliveryRetries {
  constructor(
    private readonly repository: DeliveryRetriesRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly lanes: DeliveryLanes,
    private readonly changes: Changes,
    private readonly wake: DeliveryWake,
  ) {}

  /**
   * Retries one delivery now, from the start of the schedule. Replaces a pending automatic retry.
   * @param userId only if the endpoint belongs to this user
   * @throws DomainError DELIVERIES_NOT_FOUND, DELIVERIES_IN_FLIGHT, DELIVERIES_ENDPOINT_GONE
   */
  @Atomic()
  async retry(deliveryId: string, userId?: string): Promise<void> {
    const delivery = await this.deliveries.find(deliveryId, userId);
    if (!delivery) throw deliveryNotFound(deliveryId);
    if ((await this.lanes.find([delivery.endpointId])).length === 0) throw laneGone(deliveryId);
    if (!(await this.repository.retry(deliveryId))) throw deliveryInFlight(deliveryId);
    await this.awake();
  }

  /** Retries all deliveries of an endpoint that were enqueued in [from, to) and have ended in any way. @returns their number */
  @Atomic()
  async replay(endpointId: string, from: Date, to: Date): Promise<number> {
    const count = await this.repository.replay(endpointId, from, to);
    if (count > 0) await this.awake();
    return count;
  }

  private async awake(): Promise<void> {
    await this.wake.ask();
    this.changes.hint();
  }
}
