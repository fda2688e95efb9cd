export { HealthRegistry, type HealthReport } from './health-registry.js';
export { SystemModule } from './system.module.js';
