export { idempotencyConfig, type IdempotencyConfig } from './idempotency.config.js';
export { IdempotencyModule } from './idempotency.module.js';
export { IdempotencyService } from './idempotency.service.js';
export { Idempotent } from './idempotent.decorator.js';
export { RequestOwner } from './request-owner.js';
