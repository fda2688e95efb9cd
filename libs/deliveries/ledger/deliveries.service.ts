import { Inject, Injectable } from '@nestjs/common';
import { pageFrom } from '#http';
import { deliveriesConfig, type DeliveriesConfig } from '../deliveries.config.js';
import { deliveryNotFound } from '../deliveries.errors.js';
import { DeliveriesRepository, type DeliveriesOverview, type DeliveryView } from './deliveries.repository.js';
import { DeliveryRetries } from './delivery-retries.service.js';
import {
  attemptJson,
  type DeliveriesPage,
  type DeliveriesQuery,
  type DeliveryDetailJson,
  deliveryJson,
} from './delivery.dto.js';

/** What waits for one endpoint. */
interface EndpointBacklog {
  /** Being sent included. */
  pending: number;
  held: number;
  heldMax: number;
  dead: number;
}

/** The ledger for those who read it or send again. An `ownerId` limits a call to the endpoints of that user. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly repository: DeliveriesRepository,
    private readonly retries: DeliveryRetries,
    @Inject(deliveriesConfig.token) private readonly config: DeliveriesConfig,
  ) {}

  /** One page, newest first. */
  async list({ status, endpoint, limit, cursor }: DeliveriesQuery, ownerId?: string): Promise<DeliveriesPage> {
    const rows = await this.repository.page({
      limit: limit + 1,
      ...(status ? { status } : {}),
      ...(endpoint ? { endpointId: endpoint } : {}),
      ...(ownerId ? { userId: ownerId } : {}),
      ...(cursor ? { beforeId: cursor } : {}),
    });
    return pageFrom(rows, limit, ({ id }) => id, deliveryJson);
  }

  /** With its body and every attempt. @throws DomainError DELIVERIES_NOT_FOUND */
  async get(id: string, ownerId?: string): Promise<DeliveryDetailJson> {
    const found = await this.repository.find(id, ownerId);
    if (!found) throw deliveryNotFound(id);
    const { body, ...view } = found;
    return { ...deliveryJson(view), body, log: (await this.repository.attempts(id)).map(attemptJson) };
  }

  /**
   * Sends one delivery again now, from the start of the schedule and under its old message id.
   * @throws DomainError DELIVERIES_NOT_FOUND, DELIVERIES_IN_FLIGHT, DELIVERIES_ENDPOINT_GONE
   */
  retry(id: string, ownerId?: string): Promise<void> {
    return this.retries.retry(id, ownerId);
  }

  /** Sends everything again that was enqueued for an endpoint in [from, to) and has ended. @returns how many deliveries */
  replay(endpointId: string, from: Date, to: Date): Promise<number> {
    return this.retries.replay(endpointId, from, to);
  }

  /** What waits, in total and for each endpoint, ordered by endpoint. Depends on nothing but the snapshot it runs in. */
  overview(): Promise<DeliveriesOverview> {
    return this.repository.overview();
  }

  /** The newest deliveries of all endpoints, newest first. Depends on nothing but the snapshot it runs in. */
  latest(limit: number): Promise<DeliveryView[]> {
    return this.repository.page({ limit });
  }

  async backlogOf(endpointId: string): Promise<EndpointBacklog> {
    const lane = (await this.repository.overview()).lanes.find((one) => one.endpointId === endpointId);
    return {
      pending: (lane?.pending ?? 0) + (lane?.sending ?? 0),
      held: lane?.held ?? 0,
      heldMax: this.config.heldMax,
      dead: lane?.dead ?? 0,
    };
  }

  /** Removes everything for the endpoints of these users, for `demo clear`. @returns how many deliveries */
  removeOfUsers(userIds: readonly string[]): Promise<number> {
    return this.repository.removeOfUsers(userIds);
  }
}
