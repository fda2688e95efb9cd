import { Injectable } from '@nestjs/common';
import { ownRowsOf, type Principal } from '#auth';
import { pageFrom } from '#http';
import { deliveryNotFound } from '../deliveries.errors.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveryRetries } from './delivery-retries.service.js';
import {
  attemptJson,
  type DeliveriesPage,
  type DeliveriesQuery,
  type DeliveryDetailJson,
  deliveryJson,
} from './delivery.dto.js';

/** The ledger as a user may see it: of one's own endpoints; operators see all. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly repository: DeliveriesRepository,
    private readonly retries: DeliveryRetries,
  ) {}

  async list(principal: Principal, { status, endpoint, limit, cursor }: DeliveriesQuery): Promise<DeliveriesPage> {
    const mine = ownRowsOf(principal);
    const rows = await this.repository.page({
      limit: limit + 1,
      ...(status ? { status } : {}),
      ...(endpoint ? { endpointId: endpoint } : {}),
      ...(mine ? { userId: mine } : {}),
      ...(cursor ? { beforeId: cursor } : {}),
    });
    return pageFrom(rows, limit, ({ id }) => id, deliveryJson);
  }

  /** With its body and every attempt. @throws DomainError DELIVERIES_NOT_FOUND */
  async get(principal: Principal, id: string): Promise<DeliveryDetailJson> {
    const found = await this.repository.find(id, ownRowsOf(principal));
    if (!found) throw deliveryNotFound(id);
    const { body, ...view } = found;
    return { ...deliveryJson(view), body, log: (await this.repository.attempts(id)).map(attemptJson) };
  }

  /** @throws as DeliveryRetries.retry() */
  async retry(principal: Principal, id: string): Promise<DeliveryDetailJson> {
    await this.retries.retry(id, ownRowsOf(principal));
    return this.get(principal, id);
  }
}
