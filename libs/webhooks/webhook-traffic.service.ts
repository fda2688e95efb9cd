import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Principal } from '#auth';
import { DeliveriesService, type deliveryLogQuerySchema } from '#deliveries';
import { correlationId } from '#telemetry';
import { Clock } from '#time';
import { testMessage } from './endpoints/test-message.js';
import type {
  HealthQuery,
  Replayed,
  ReplayWindow,
  TestResult,
  WebhookDeliveriesPage,
  WebhookHealthJson,
} from './endpoints/webhook.dto.js';
import { WebhookChannel } from './webhook.channel.js';
import { WebhookHealthRepository } from './health/webhook-health.repository.js';
import { WebhooksService } from './webhooks.service.js';

const SHOWN = 1_024;

/** Deliveries, test messages and replays of an endpoint. */
@Injectable()
export class WebhookTraffic {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly channel: WebhookChannel,
    private readonly deliveries: DeliveriesService,
    private readonly health: WebhookHealthRepository,
    private readonly clock: Clock,
  ) {}

  /** Sends one signed message now, bypassing the ledger, also to a disabled endpoint. It changes no state. */
  async test(principal: Principal, id: string): Promise<TestResult> {
    const endpoint = await this.webhooks.find(principal, id);
    const messageId = `test_${randomUUID()}`;
    const now = this.clock.now();
    const delivery = {
      id: messageId,
      messageId,
      endpointId: id,
      body: testMessage(endpoint.format, messageId, now),
      attempt: 1,
      createdAt: now,
      correlationId: correlationId(),
    };
    const outcome = await this.channel.send(delivery, new AbortController().signal);
    return {
      delivered: outcome.kind === 'delivered',
      messageId,
      statusCode: outcome.statusCode ?? null,
      latencyMs: Math.round(outcome.latencyMs),
      errorClass: outcome.errorClass ?? null,
      error: outcome.error ?? null,
      responseBody: outcome.responseBody?.slice(0, SHOWN) ?? null,
    };
  }

  async replay(principal: Principal, id: string, { from, to }: ReplayWindow): Promise<Replayed> {
    await this.webhooks.find(principal, id);
    return { replayed: await this.deliveries.replay(id, new Date(from), new Date(to)) };
  }

  /** The log of an endpoint. */
  async list(
    principal: Principal,
    id: string,
    query: z.output<typeof deliveryLogQuerySchema>,
  ): Promise<WebhookDeliveriesPage> {
    await this.webhooks.find(principal, id);
    return this.deliveries.list({ ...query, endpointId: [id] });
  }

  async healthOf(principal: Principal, id: string, { minutes }: HealthQuery): Promise<WebhookHealthJson> {
    const endpoint = await this.webhooks.find(principal, id);
    const series = await this.health.minutes(id, new Date(this.clock.now().getTime() - minutes * 60_000));
    const sent = series.reduce((sum, minute) => sum + minute.sent, 0);
    const failed = series.reduce((sum, minute) => sum + minute.failed, 0);
    return {
      state: endpoint.state,
      stateReason: endpoint.stateReason,
      stateSince: endpoint.stateSince.toISOString(),
      failingSince: endpoint.failingSince?.toISOString() ?? null,
      probeAt: endpoint.probeAt?.toISOString() ?? null,
      ...(await this.deliveries.backlogOf(id)),
      sent,
      failed,
      successPercent: sent === 0 ? null : Math.round(((sent - failed) / sent) * 10_000) / 100,
      minutes: series.map((one) => ({
        minute: one.minute.toISOString(),
        sent: one.sent,
        failed: one.failed,
        latencyMsMean: Math.round((one.latencyMsSum / one.sent) * 10) / 10,
        latencyMsMax: one.latencyMsMax,
      })),
    };
  }
}
