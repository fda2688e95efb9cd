import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { DeliveryLanesRepository } from './delivery-lanes.repository.js';
import { DeliveryWake } from '../delivery-wake.js';
import type { Lane, LaneSettings, WaitingDeliveries } from './lane.js';

/** The lanes of endpoints, managed by #webhooks. Each call joins the open transaction. */
@Injectable()
export class DeliveryLanes {
  constructor(
    private readonly repository: DeliveryLanesRepository,
    private readonly changes: Changes,
    private readonly wake: DeliveryWake,
  ) {}

  /** Creates a lane or changes its settings. Waiting deliveries and health stay. */
  put(lane: LaneSettings): Promise<void> {
    return this.repository.put(lane);
  }

  /** Removes a lane and cancels its waiting deliveries. @returns their number */
  async remove(endpointId: string): Promise<WaitingDeliveries> {
    const cancelled = await this.repository.remove(endpointId);
    this.changes.hint();
    return cancelled;
  }

  /** The number of waiting deliveries of each of these endpoints. */
  async waiting(endpointIds: readonly string[]): Promise<(endpointId: string) => WaitingDeliveries> {
    const counts = new Map(
      (endpointIds.length === 0 ? [] : await this.repository.waiting(endpointIds)).map(({ endpointId, ...count }) => [
        endpointId,
        count,
      ]),
    );
    return (endpointId) => counts.get(endpointId) ?? { pending: 0, held: 0 };
  }

  /** Holds all later deliveries to the endpoint, in order, up to `heldMax`. */
  async hold(endpointId: string, reason: string): Promise<void> {
    await this.repository.hold(endpointId, reason);
    this.changes.hint();
  }

  /** Sends the first delivery of a held lane (or the next new one) once. The channel's settled() gets the outcome. */
  async probe(endpointId: string): Promise<void> {
    await this.repository.probe(endpointId);
    await this.awake();
  }

  /** Sends all held deliveries one at a time, in order. Then the lane is normal. */
  async release(endpointId: string): Promise<void> {
    await this.repository.release(endpointId);
    await this.awake();
  }

  /** Returns the existing lanes among these, ordered by id. */
  find(ids: readonly string[]): Promise<Lane[]> {
    return this.repository.find(ids);
  }

  /** Returns the operators' lanes, except the one that the alert is about. */
  operatorLanes(exceptEndpointId?: string): Promise<Lane[]> {
    return this.repository.operatorLanes(exceptEndpointId ?? null);
  }

  ofUser(userId: string): Promise<Lane[]> {
    return this.repository.ofUser(userId);
  }

  private async awake(): Promise<void> {
    await this.wake.ask();
    this.changes.hint();
  }
}
