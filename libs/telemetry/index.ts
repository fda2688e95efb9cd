export {
  callerAddress,
  callerWantsNewest,
  correlatedStore,
  correlationId,
  correlationIdOf,
  withCorrelation,
} from './correlation.js';
export { PinoLogger, quickLogger } from './pino-logger.js';
export { ShutdownSequence, type Traffic } from './shutdown-sequence.js';
export { SparseLog } from './sparse-log.js';
export { telemetryConfig, type TelemetryConfig } from './telemetry.config.js';
export { TelemetryModule } from './telemetry.module.js';
export { Timed } from './timed.decorator.js';
