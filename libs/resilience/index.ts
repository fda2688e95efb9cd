export { Breakers } from './breakers.js';
export { classifyError, classifyStatus, type ErrorClass, isRetryable } from './error-class.js';
export { Policies } from './policies.js';
export type { BreakerState, BreakerTransition, BreakerView, ExecuteOptions, Policy } from './policy.js';
export type { PolicyOptions } from './policy-options.js';
export { resilienceConfig, type ResilienceConfig } from './resilience.config.js';
export { ResilienceModule } from './resilience.module.js';
