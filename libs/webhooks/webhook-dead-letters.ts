import { Injectable } from '@nestjs/common';
import type { SettledAttempt } from '#deliveries';
import { EventLog } from '#events';
import { hostOf } from './endpoints/webhook-endpoint.js';
import { WebhooksRepository } from './endpoints/webhooks.repository.js';
import { DeliveryDeadLettered } from './webhook-events.js';

/** Records an operator event for each new dead letter, in the transaction that makes it one. */
@Injectable()
export class WebhookDeadLetters {
  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly events: EventLog,
  ) {}

  async record(dead: readonly SettledAttempt[]): Promise<void> {
    if (dead.length === 0) return;
    const found = await this.endpoints.findMany([...new Set(dead.map(({ endpointId }) => endpointId))]);
    const endpoints = new Map(found.map((endpoint) => [endpoint.id, endpoint]));
    await this.events.recordMany(
      dead.map(({ deliveryId, endpointId, alertId, messageId, attempt, error, outcome, correlationId }) => {
        const endpoint = endpoints.get(endpointId);
        return {
          type: DeliveryDeadLettered.type,
          ...(endpoint?.userId == null ? {} : { userId: endpoint.userId }),
          ...(correlationId === null ? {} : { correlationId }),
          payload: {
            endpointId,
            host: endpoint === undefined ? null : hostOf(endpoint),
            deliveryId,
            alertId,
            messageId,
            attempts: attempt,
            statusCode: outcome.statusCode ?? null,
            error,
          },
        };
      }),
    );
  }
}
