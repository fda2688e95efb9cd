export { ENDPOINT_STATES, type EndpointState, type StateReason } from './endpoint-health.js';
export type { CreateWebhook } from './webhook.dto.js';
export { WebhookEndpointEntity } from './webhook-endpoint.entity.js';
export { hostOf, type WebhookEndpoint } from './webhook-endpoint.js';
export {
  DeliveryDeadLettered,
  WebhookAdded,
  WebhookChanged,
  WebhookDegraded,
  WebhookDisabled,
  WebhookProbed,
  WebhookRecovered,
  WebhookRemoved,
  WebhookSecretRotated,
} from './webhook-events.js';
export { WebhookHealthMetricEntity } from './webhook-health-metric.entity.js';
export { WebhookHealthRepository } from './webhook-health.repository.js';
export { WebhookSecretEntity } from './webhook-secret.entity.js';
export { type Rewrapped, WebhookSecrets } from './webhook-secrets.service.js';
export { WebhookUpkeep } from './webhook-upkeep.js';
export { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
export { WebhooksModule } from './webhooks.module.js';
export { WebhooksRepository } from './webhooks.repository.js';
export { WebhooksService } from './webhooks.service.js';
