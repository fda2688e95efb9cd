import { z } from 'zod';

const healthStatus = z.enum(['up', 'degraded', 'down']);

export const healthSchema = z.object({
  status: healthStatus.describe('The worst status of the checks'),
  checks: z.record(z.string(), z.looseObject({ status: healthStatus })),
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
  steps: z.array(z.looseObject({})),
  pendingMigrations: z.array(z.string()),
});

export const breakersSchema = z.object({
  items: z.array(
    z.object({
      name: z.string().describe('Name of the dependency'),
      state: z.enum(['closed', 'open', 'half-open']),
      since: z.iso.datetime().nullable().describe('Time at which it entered this state. Null if it was never open'),
      reason: z.string().nullable(),
      calls: z.number().int().describe('Within the window'),
      failures: z.number().int().describe('Within the window'),
    }),
  ),
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
