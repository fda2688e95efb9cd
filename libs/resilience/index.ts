export { Breakers } from './breakers.js';
export { ChannelTimeouts } from './channel-timeouts.js';
export { classifyError, classifyStatus, type ErrorClass } from './error-class.js';
export { Policies } from './policies.js';
export type { BreakerTransition, Policy } from './policy.js';
export { QuickPlaces } from './quick-places.js';
export { ResilienceModule } from './resilience.module.js';
export { withTimeout } from './with-timeout.js';
