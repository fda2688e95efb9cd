import { z } from 'zod';
import { configSlice, env, flag, integer, secret, type SliceValue } from '#config';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const telemetryConfig = configSlice('telemetry', {
  logLevel: env(
    'LOG_LEVEL',
    z.enum(LEVELS, { error: `one of ${LEVELS.join(', ')}` }).default('info'),
    'Least level that is logged',
  ),
  logFormat: env(
    'LOG_FORMAT',
    z.enum(['auto', 'json', 'pretty'], { error: 'auto, json or pretty' }).default('auto'),
    'pretty for people, json for machines; auto is pretty on a terminal',
  ),
  logRequests: env('LOG_REQUESTS', flag(true), 'One line for each HTTP request'),
  metricsToken: env('METRICS_TOKEN', secret(16), 'Bearer token that /metrics asks for; unset leaves it open', {
    secret: true,
  }),
  shutdownTimeoutMs: env(
    'SHUTDOWN_TIMEOUT_MS',
    integer(5_000, 100, 600_000),
    'A shutdown that takes longer is cut off, ms',
  ),
  shutdownLameDuckMs: env(
    'SHUTDOWN_LAME_DUCK_MS',
    integer(250, 0, 300_000),
    'Not ready but still serving for so long, at most a quarter of the above; above the probe interval of a load balancer, ms',
  ),
});

export type TelemetryConfig = SliceValue<typeof telemetryConfig>;
