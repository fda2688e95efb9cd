export { ENDPOINT_STATES, type EndpointState, type StateReason } from './endpoints/endpoint-health.js';
export type { CreateWebhook } from './endpoints/webhook.dto.js';
export { hostOf, type WebhookEndpoint } from './endpoints/webhook-endpoint.js';
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
export { WebhookHealthRepository } from './health/webhook-health.repository.js';
export { type Rewrapped, WebhookSecrets } from './endpoints/webhook-secrets.service.js';
export { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
export { WebhooksModule } from './webhooks.module.js';
export { WebhooksRepository } from './endpoints/webhooks.repository.js';
export { WebhooksService } from './webhooks.service.js';
