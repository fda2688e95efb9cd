export { hostOf, type WebhookEndpoint } from './endpoints/webhook-endpoint.js';
export { WebhookSecrets } from './endpoints/webhook-secrets.service.js';
export { WebhooksModule } from './webhooks.module.js';
export { WebhooksRepository } from './endpoints/webhooks.repository.js';
export { WebhooksService } from './webhooks.service.js';
