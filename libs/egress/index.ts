export { Egress, type EgressResponse, retryAfterMs } from './egress.js';
export { egressConfig } from './egress.config.js';
export { isEgressRefused } from './egress.errors.js';
export { EgressModule } from './egress.module.js';
export { HostPace } from './host-pace.js';
