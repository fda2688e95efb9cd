import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type DeadDelivery, DeadLetters } from '#deliveries';
import { EventLog } from '#events';
import { hostOf } from './endpoints/webhook-endpoint.js';
import { DeliveryDeadLettered } from './webhook-events.js';
import { WebhooksRepository } from './endpoints/webhooks.repository.js';

/** Records what deliveries give up, in the transaction that gives it up: deliveries know no events. */
@Injectable()
export class WebhookDeadLetters implements OnModuleInit {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly endpoints: WebhooksRepository,
    private readonly events: EventLog,
  ) {}

  onModuleInit(): void {
    this.deadLetters.onDead((dead) => this.record(dead));
  }

  private async record(dead: readonly DeadDelivery[]): Promise<void> {
    const found = await this.endpoints.findMany([...new Set(dead.map(({ endpointId }) => endpointId))]);
    const endpoints = new Map(found.map((endpoint) => [endpoint.id, endpoint]));
    await this.events.recordMany(
      dead.map(({ id, endpointId, alertId, messageId, attempts, error, statusCode, correlationId }) => {
        const endpoint = endpoints.get(endpointId);
        return {
          type: DeliveryDeadLettered.type,
          ...(endpoint?.userId == null ? {} : { userId: endpoint.userId }),
          ...(correlationId === null ? {} : { correlationId }),
          payload: {
            endpointId,
            host: endpoint === undefined ? null : hostOf(endpoint),
            deliveryId: id,
            alertId,
            messageId,
            attempts,
            statusCode,
            error,
          },
        };
      }),
    );
  }
}
