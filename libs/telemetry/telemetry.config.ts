import { z } from 'zod';
import { configSlice, duration, env, flag, secret, type SliceValue } from '#config';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const telemetryConfig = configSlice('telemetry', {
  logLevel: env(
    'LOG_LEVEL',
    z.enum(LEVELS, { error: `one of ${LEVELS.join(', ')}` }).default('info'),
    `Minimum level of log lines: ${LEVELS.join(', ')}`,
  ),
  logFormat: env(
    'LOG_FORMAT',
    z.enum(['auto', 'json', 'pretty'], { error: 'auto, json or pretty' }).default('auto'),
    'json, pretty (for people), or auto: pretty on a terminal, else json',
  ),
  logRequests: env('LOG_REQUESTS', flag(true), 'Logs one line per HTTP request'),
  metricsToken: env('METRICS_TOKEN', secret(16), 'Bearer token required by /metrics. Unset: /metrics is open', {
    secret: true,
  }),
  shutdownTimeoutMs: env(
    'SHUTDOWN_TIMEOUT',
    duration('5s', '100ms', '10m'),
    'Maximum duration of a shutdown. Work that still runs then is cut off',
    { formerly: 'SHUTDOWN_TIMEOUT_MS' },
  ),
  shutdownLameDuckMs: env(
    'SHUTDOWN_LAME_DUCK',
    duration('250ms', '0s', '5m'),
    'How long a stopping process reports not ready but still serves, and then keeps idle connections open, each at most a quarter of SHUTDOWN_TIMEOUT. Set it above the probe interval of your load balancer',
    { formerly: 'SHUTDOWN_LAME_DUCK_MS' },
  ),
});

export type TelemetryConfig = SliceValue<typeof telemetryConfig>;
