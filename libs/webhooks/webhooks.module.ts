import { Inject, Module } from '@nestjs/common';
import { Retention } from '#background';
import { ChangesModule } from '#changes';
import { DeliveriesModule, DeliveryChannels } from '#deliveries';
import { EgressModule } from '#egress';
import { EventsModule } from '#events';
import { EndpointEvents } from './endpoints/endpoint-events.js';
import { WebhookChannel } from './webhook.channel.js';
import { WebhookDeadLetters } from './webhook-dead-letters.js';
import { WebhookHeaders } from './endpoints/webhook-headers.service.js';
import { WebhookHealth } from './health/webhook-health.service.js';
import { WebhookHealthRepository } from './health/webhook-health.repository.js';
import { WebhookSeal } from './endpoints/webhook-seal.js';
import { WebhookSecrets } from './endpoints/webhook-secrets.service.js';
import { WebhookSecretsRepository } from './endpoints/webhook-secrets.repository.js';
import { WebhookUrls } from './endpoints/webhook-urls.service.js';
import { WebhookTargets } from './endpoints/webhook-targets.js';
import { WebhookTraffic } from './webhook-traffic.service.js';
import { WebhookProbes } from './webhook-probes.js';
import { WebhookStates } from './health/webhook-states.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
import { WebhooksController } from './webhooks.controller.js';
import { webhooksMetrics } from './webhooks.metrics.js';
import { WebhooksRepository } from './endpoints/webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';
import { WebhooksPanel } from './webhooks.panel.js';

const DAY_MS = 86_400_000;

/** Endpoints, their secrets and health, and the channel that sends deliveries to them. */
@Module({
  imports: [ChangesModule, DeliveriesModule, EgressModule, EventsModule],
  controllers: [WebhooksController],
  providers: [
    WebhooksPanel,
    ...webhooksMetrics,
    {
      provide: WebhookSeal,
      inject: [webhooksConfig.token],
      useFactory: (config: WebhooksConfig) => new WebhookSeal(config),
    },
    EndpointEvents,
    WebhookChannel,
    WebhookDeadLetters,
    WebhookHeaders,
    WebhookHealth,
    WebhookHealthRepository,
    WebhookProbes,
    WebhookSecrets,
    WebhookSecretsRepository,
    WebhooksRepository,
    WebhooksService,
    WebhookStates,
    WebhookTargets,
    WebhookTraffic,
    WebhookUrls,
  ],
  exports: [WebhookSecrets, WebhooksPanel, WebhooksRepository, WebhooksService],
})
export class WebhooksModule {
  constructor(
    channels: DeliveryChannels,
    channel: WebhookChannel,
    retention: Retention,
    @Inject(webhooksConfig.token) { healthDays }: WebhooksConfig,
  ) {
    channels.add(channel);
    retention.keep({ table: 'webhook_health_metrics', column: 'minute', ms: healthDays * DAY_MS });
    // Old secrets of rotations, which no longer sign.
    retention.keep({ table: 'webhook_secrets', column: 'expires_at', ms: 0 });
  }
}
