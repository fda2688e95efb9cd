export { Egress, type EgressRequest, type EgressResponse } from './egress.js';
export { egressConfig, type EgressConfig } from './egress.config.js';
export { isEgressRefused } from './egress.errors.js';
export { EgressModule } from './egress.module.js';
export { HostPace } from './host-pace.js';
export { HostResolver } from './host-resolver.js';
