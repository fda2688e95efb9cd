import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { DeliveryLanesRepository } from './delivery-lanes.repository.js';
import { DeliveryWake } from '../delivery-wake.js';
import type { Lane, LaneSettings } from './lane.js';

/** The endpoints' lanes, as their owner (webhooks) keeps them. Each call joins the open transaction. */
@Injectable()
export class DeliveryLanes {
  constructor(
    private readonly repository: DeliveryLanesRepository,
    private readonly changes: Changes,
    private readonly wake: DeliveryWake,
  ) {}

  /** Makes it or changes its settings; what waits and its health stay. */
  put(lane: LaneSettings): Promise<void> {
    return this.repository.put(lane);
  }

  /** Removes it; what waited for it is cancelled. */
  async remove(endpointId: string): Promise<void> {
    await this.repository.remove(endpointId);
    this.changes.hint();
  }

  /** Holds all later deliveries to the endpoint, in order, up to `heldMax`. */
  async hold(endpointId: string, reason: string): Promise<void> {
    await this.repository.hold(endpointId, reason);
    this.changes.hint();
  }

  /** Of a held lane, sends the first that waits (or the next that comes), once; its outcome goes to the channel's settled(). */
  async probe(endpointId: string): Promise<void> {
    await this.repository.probe(endpointId);
    await this.awake();
  }

  /** Sends all that was held, one at a time, in order; then the lane is normal. */
  async release(endpointId: string): Promise<void> {
    await this.repository.release(endpointId);
    await this.awake();
  }

  /** Those that exist, ordered by id. */
  find(ids: readonly string[]): Promise<Lane[]> {
    return this.repository.find(ids);
  }

  /** Lanes for operators, without the one that the news is about. */
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
