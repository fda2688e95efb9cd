import { Inject, Injectable } from '@nestjs/common';
import { pageFrom } from '#http';
import { firstUuidFrom } from '#ids';
import { deliveriesConfig, type DeliveriesConfig } from '../deliveries.config.js';
import type { CircuitState, LaneMode } from '../lanes/lane.js';
import { deliveryNotFound } from '../deliveries.errors.js';
import { DeliveriesRepository, type DeliveriesOverview, type DeliveryView } from './deliveries.repository.js';
import { DeliveryRetries } from './delivery-retries.service.js';
import {
  attemptJson,
  type DeliveriesPage,
  type DeliveriesQuery,
  type DeliveryDetailJson,
  deliveryJson,
  type Retried,
} from './delivery.dto.js';

/** Waiting deliveries of one endpoint. */
interface EndpointBacklog {
  mode: LaneMode;
  circuit: CircuitState;
  /** Includes those being sent. */
  pending: number;
  held: number;
  heldMax: number;
  dead: number;
}

/** Reads the ledger and sends deliveries again. An `ownerId` limits a call to the endpoints of that user. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly repository: DeliveriesRepository,
    private readonly retries: DeliveryRetries,
    @Inject(deliveriesConfig.token) private readonly config: DeliveriesConfig,
  ) {}

  /** Returns one page. */
  async list(query: DeliveriesQuery, ownerId?: string): Promise<DeliveriesPage> {
    const { status, endpointId, alertId, from, to, sort, limit, cursor } = query;
    const rows = await this.repository.page({
      ...{ statuses: status, endpointIds: endpointId, alertIds: alertId, userId: ownerId },
      fromId: from && firstUuidFrom(from),
      toId: to && firstUuidFrom(to),
      oldestFirst: sort === 'createdAt',
      after: cursor,
      limit: limit + 1,
    });
    return pageFrom(rows, limit, ({ id }) => id, deliveryJson);
  }

  /** Returns a delivery with its body and every attempt. @throws DomainError DELIVERIES_NOT_FOUND */
  async get(id: string, ownerId?: string): Promise<DeliveryDetailJson> {
    const found = await this.repository.find(id, ownerId);
    if (!found) throw deliveryNotFound(id);
    const { body, ...view } = found;
    return { ...deliveryJson(view), body, log: (await this.repository.attempts(id)).map(attemptJson) };
  }

  /**
   * Sends one delivery again now, from the start of the schedule and with the same message id.
   * @throws DomainError DELIVERIES_NOT_FOUND, DELIVERIES_IN_FLIGHT, DELIVERIES_ENDPOINT_GONE
   */
  retry(id: string, ownerId?: string): Promise<void> {
    return this.retries.retry(id, ownerId);
  }

  /** Sends deliveries again as `retry` does. One that cannot be sent stops no other. */
  retryMany(ids: readonly string[], ownerId?: string): Promise<Retried> {
    return this.retries.retryMany(ids, ownerId);
  }

  /** Sends all ended deliveries again that were enqueued for an endpoint in [from, to). @returns their number */
  replay(endpointId: string, from: Date, to: Date): Promise<number> {
    return this.retries.replay(endpointId, from, to);
  }

  /** Returns the waiting deliveries, in total and per endpoint, ordered by endpoint. Depends on the snapshot only. */
  overview(): Promise<DeliveriesOverview> {
    return this.repository.overview();
  }

  /** Returns the newest deliveries of all endpoints, newest first. Depends on the snapshot only. */
  latest(limit: number): Promise<DeliveryView[]> {
    return this.repository.page({ limit });
  }

  async backlogOf(endpointId: string): Promise<EndpointBacklog> {
    const lane = (await this.repository.overview()).lanes.find((one) => one.endpointId === endpointId);
    return {
      mode: lane?.mode ?? 'normal',
      circuit: lane?.circuit ?? 'closed',
      pending: (lane?.pending ?? 0) + (lane?.sending ?? 0),
      held: lane?.held ?? 0,
      heldMax: this.config.heldMax,
      dead: lane?.dead ?? 0,
    };
  }

  /** Removes all deliveries to endpoints of these users, for `demo clear`. @returns the number of deliveries */
  removeOfUsers(userIds: readonly string[]): Promise<number> {
    return this.repository.removeOfUsers(userIds);
  }
}
