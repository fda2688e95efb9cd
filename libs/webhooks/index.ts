export { WebhookSecrets } from './endpoints/webhook-secrets.service.js';
export { WebhooksModule } from './webhooks.module.js';
export { WebhooksRepository } from './endpoints/webhooks.repository.js';
export { WebhooksService } from './webhooks.service.js';
export { WebhooksPanel } from './webhooks.panel.js';
