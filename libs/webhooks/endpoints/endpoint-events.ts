import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { EventLog } from '#events';
import { hostOf, type WebhookEndpoint } from './webhook-endpoint.js';

/** An event about one endpoint. */
export interface EndpointEvent {
  endpoint: WebhookEndpoint;
  type: string;
  /** Payload besides the endpoint's id and host. */
  payload: Record<string, unknown>;
}

/** Records events about endpoints, for their owners, operators and screens. Each call joins the open transaction. */
@Injectable()
export class EndpointEvents {
  constructor(
    private readonly events: EventLog,
    private readonly changes: Changes,
  ) {}

  async record(...events: readonly EndpointEvent[]): Promise<void> {
    await this.events.recordMany(
      events.map(({ endpoint, type, payload }) => ({
        type,
        ...(endpoint.userId === null ? {} : { userId: endpoint.userId }),
        payload: { endpointId: endpoint.id, host: hostOf(endpoint), ...payload },
      })),
    );
    await this.changes.append(
      'webhooks',
      events.map(({ endpoint }) => endpoint.id),
    );
  }
}
