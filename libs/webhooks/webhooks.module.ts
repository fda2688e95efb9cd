import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { DeliveriesModule } from '#deliveries';
import { EgressModule } from '#egress';
import { EventsModule } from '#events';
import { JobsModule } from '#jobs';
import { WebhookChannel } from './webhook.channel.js';
import { WebhookDeadLetters } from './webhook-dead-letters.js';
import { WebhookHealth } from './health/webhook-health.service.js';
import { WebhookHealthRepository } from './health/webhook-health.repository.js';
import { WebhookSeal } from './endpoints/webhook-seal.js';
import { WebhookSecrets } from './endpoints/webhook-secrets.service.js';
import { WebhookSecretsRepository } from './endpoints/webhook-secrets.repository.js';
import { WebhookTargets } from './endpoints/webhook-targets.js';
import { WebhookTraffic } from './webhook-traffic.service.js';
import { WebhookUpkeep } from './webhook-upkeep.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
import { WebhooksController } from './webhooks.controller.js';
import { webhooksMetrics } from './webhooks.metrics.js';
import { WebhooksRepository } from './endpoints/webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

/** Endpoints, their secrets and their health; the channel by which deliveries reach them. */
@Module({
  imports: [ChangesModule, DeliveriesModule, EgressModule, EventsModule, JobsModule],
  controllers: [WebhooksController],
  providers: [
    ...webhooksMetrics,
    {
      provide: WebhookSeal,
      inject: [webhooksConfig.token],
      useFactory: (config: WebhooksConfig) => new WebhookSeal(config),
    },
    WebhookChannel,
    WebhookDeadLetters,
    WebhookHealth,
    WebhookHealthRepository,
    WebhookSecrets,
    WebhookSecretsRepository,
    WebhooksRepository,
    WebhooksService,
    WebhookTargets,
    WebhookTraffic,
    WebhookUpkeep,
  ],
  exports: [WebhookHealthRepository, WebhookSecrets, WebhooksRepository, WebhooksService, WebhookUpkeep],
})
export class WebhooksModule {}
