import { z } from 'zod';
import { jsonObject, jsonValue, publishSchemas } from '#schemas';

const healthStatus = z.enum(['up', 'degraded', 'down']);

export const healthSchema = z.object({
  status: healthStatus.describe('The worst status of the checks'),
  checks: z.record(z.string(), z.object({ status: healthStatus }).catchall(jsonValue)),
});

export const livenessSchema = z.object({ status: z.literal('up') });

export const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  reasons: z
    .record(z.string(), z.string())
    .describe('Reasons why no traffic should be sent, by name. Empty when ready'),
});

export const startupSchema = z.object({
  phase: z.string(),
  steps: z.array(jsonObject),
  pendingMigrations: z.array(z.string()),
});

const startupPhase = z.string().describe('connect, lock, migrate, auth, checks, ready or failed');
const milliseconds = z.number().min(0);

/** `GET /v1/system/startup`. */
export const startReportSchema = z.object({
  phase: startupPhase,
  startedAt: z.iso
    .datetime()
    .nullable()
    .describe('Start of the last attempt: it begins again when a connection is lost'),
  durationMs: milliseconds.nullable().describe('Time to `ready`. Null until then'),
  role: z.enum(['all', 'web', 'worker']),
  readOnly: z.boolean().describe('Whether writes are refused now, by DB_READONLY or because PostgreSQL refuses them'),
  pendingMigrations: z.array(z.string()),
  steps: z.array(
    z.object({
      phase: startupPhase,
      at: z.iso.datetime(),
      durationMs: milliseconds.nullable().describe('Null for the current phase'),
      attempts: z.int().min(0).describe('Failed attempts'),
      lastError: z.string().nullable(),
    }),
  ),
});

const timeoutShape = {
  timeoutMs: milliseconds.describe('Timeout of the next call. It adapts to `p99Ms`'),
  minTimeoutMs: milliseconds,
  maxTimeoutMs: milliseconds,
  p99Ms: milliseconds
    .nullable()
    .describe('99th percentile of the successful calls of the last 5 minutes. Null after fewer than 20'),
};

export const breakersSchema = z.object({
  items: z.array(
    z.object({
      name: z.string().describe('Name of the dependency'),
      state: z.enum(['closed', 'open', 'half-open']),
      since: z.iso.datetime().nullable().describe('Time at which it entered this state. Null if it was never open'),
      reason: z.string().nullable(),
      calls: z.number().int().describe('Within the window'),
      failures: z.number().int().describe('Within the window'),
      ...timeoutShape,
    }),
  ),
  timeouts: z
    .array(
      z.object({ name: z.string().describe('Channel and target, such as `webhook:<endpoint id>`'), ...timeoutShape }),
    )
    .describe('Targets of channels that this process has called. Their circuits are shared by all processes'),
});

const time = z.iso.datetime().nullable();

export const tasksSchema = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['worker', 'every-process']).describe('Role of the processes that run it'),
      state: z
        .enum(['waiting', 'running', 'paused', 'off'])
        .describe('paused: the desk is read-only. off: this process does not run it, or the start is not done'),
      everyMs: z.number().describe('Time between the end of a run and the start of the next, in ms'),
      lastRunAt: time.describe('Start of the last ended run'),
      lastDurationMs: z.number().nullable(),
      lastResult: z.enum(['done', 'failed']).nullable(),
      lastError: z
        .string()
        .nullable()
        .describe('Code or class of the error if the last run failed; the log has the rest'),
      nextRunAt: time,
    }),
  ),
});

publishSchemas({
  CircuitState: breakersSchema.shape.items.element.shape.state,
  Breaker: breakersSchema.shape.items.element,
  BreakerList: breakersSchema,
  CallTimeout: breakersSchema.shape.timeouts.element,
  Health: healthSchema,
  HealthStatus: healthStatus,
  Liveness: livenessSchema,
  Readiness: readinessSchema,
  StartPhase: startReportSchema.shape.steps.element,
  StartReport: startReportSchema,
  StartupState: startupSchema,
  Task: tasksSchema.shape.items.element,
  TaskList: tasksSchema,
});
