export { WebhookEndpointEntity } from './endpoints/webhook-endpoint.entity.js';
export { WebhookHealthMetricEntity } from './health/webhook-health-metric.entity.js';
export { WebhookSecretEntity } from './endpoints/webhook-secret.entity.js';
