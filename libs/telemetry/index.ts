export { correlatedStore, correlationId, correlationIdOf, withCorrelation } from './correlation.js';
export { HealthRegistry, type HealthReport } from './health-registry.js';
export { PinoLogger, quickLogger } from './pino-logger.js';
export { Readiness } from './readiness.js';
export { ShutdownSequence, type Traffic } from './shutdown-sequence.js';
export { StartupView } from './startup-view.js';
export { telemetryConfig, type TelemetryConfig } from './telemetry.config.js';
export { TelemetryModule } from './telemetry.module.js';
export { Timed } from './timed.decorator.js';
