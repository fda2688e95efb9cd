import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#auth';
import { Changes } from '#changes';
import { Atomic } from '#database';
import { deliveryInFlight, deliveryNotFound, laneGone } from '../deliveries.errors.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveryLanes } from '../lanes/delivery-lanes.js';
import type { Lane } from '../lanes/lane.js';
import type { Retried } from './delivery.dto.js';
import { DeliveryRetriesRepository } from './delivery-retries.repository.js';
import { DeliveryWake } from '../delivery-wake.js';

/** Ids of deliveries that a record of the audit trail shows. */
const RECORDED_IDS = 20;

/** Manual retries, with the same message id. */
@Injectable()
export class DeliveryRetries {
  constructor(
    private readonly repository: DeliveryRetriesRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly lanes: DeliveryLanes,
    private readonly changes: Changes,
    private readonly wake: DeliveryWake,
    private readonly audit: AuditTrail,
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
    const [lane] = await this.lanes.find([delivery.endpointId]);
    if (lane === undefined) throw laneGone(deliveryId);
    if ((await this.repository.retry([deliveryId])).length === 0) throw deliveryInFlight(deliveryId);
    await this.record(lane, [deliveryId]);
    await this.awake();
  }

  /**
   * Retries deliveries now. One that is being sent or whose endpoint is gone stops no other.
   * @param userId only those whose endpoint belongs to this user
   */
  @Atomic()
  async retryMany(ids: readonly string[], userId?: string): Promise<Retried> {
    const endpoints = new Map(
      (await this.deliveries.endpointsOf(ids, userId)).map(({ id, endpointId }) => [id, endpointId]),
    );
    const lanes = await this.lanes.find([...new Set(endpoints.values())]);
    const open = new Set(lanes.map(({ endpointId }) => endpointId));
    const again = new Set(
      await this.repository.retry([...endpoints].filter(([, of]) => open.has(of)).map(([id]) => id)),
    );
    const byEndpoint = Map.groupBy(again, (id) => endpoints.get(id)!);
    for (const lane of lanes) {
      const retried = byEndpoint.get(lane.endpointId);
      if (retried !== undefined) await this.record(lane, retried);
    }
    if (again.size > 0) await this.awake();
    const statusOf = (id: string): Retried['items'][number]['status'] => {
      const endpoint = endpoints.get(id);
      if (endpoint === undefined) return 'not_found';
      if (!open.has(endpoint)) return 'endpoint_gone';
      return again.has(id) ? 'retried' : 'in_flight';
    };
    return { retried: again.size, items: ids.map((id) => ({ id, status: statusOf(id) })) };
  }

  /** Retries all deliveries of an endpoint that were enqueued in [from, to) and have ended in any way. @returns their number */
  @Atomic()
  async replay(endpointId: string, from: Date, to: Date): Promise<number> {
    const count = await this.repository.replay(endpointId, from, to);
    if (count === 0) return 0;
    const [lane] = await this.lanes.find([endpointId]);
    await this.audit.record({
      action: 'deliveries_replayed',
      subject: { kind: 'webhook', id: endpointId },
      ownerId: lane?.userId ?? null,
      after: { from: from.toISOString(), to: to.toISOString(), count },
    });
    await this.awake();
    return count;
  }

  /** One record for each endpoint, with the first ids. */
  private record({ endpointId, userId }: Lane, ids: readonly string[]): Promise<void> {
    return this.audit.record({
      action: 'deliveries_retried',
      subject: { kind: 'webhook', id: endpointId },
      ownerId: userId,
      after: { count: ids.length, deliveries: ids.slice(0, RECORDED_IDS) },
    });
  }

  private async awake(): Promise<void> {
    await this.wake.ask();
    this.changes.hint();
  }
}
