import { z } from 'zod';

const healthStatus = z.enum(['up', 'degraded', 'down']);

export const healthSchema = z.object({
  status: healthStatus.describe('As bad as the worst of the checks'),
  checks: z.record(z.string(), z.looseObject({ status: healthStatus })),
});

export const livenessSchema = z.object({ status: z.literal('up') });

export const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  reasons: z.record(z.string(), z.string()).describe('Why no traffic should be sent, by name; empty when ready'),
});

export const startupSchema = z.object({
  phase: z.string(),
  steps: z.array(z.looseObject({})),
  pendingMigrations: z.array(z.string()),
});

export const breakersSchema = z.object({
  items: z.array(
    z.object({
      name: z.string().describe('The dependency'),
      state: z.enum(['closed', 'open', 'half-open']),
      since: z.iso.datetime().nullable().describe('When it entered this state; null when it was never open'),
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
      role: z.enum(['worker', 'every-process']).describe('Which processes run it'),
      state: z
        .enum(['waiting', 'running', 'paused', 'off'])
        .describe('paused: the desk is read-only. off: this process does not run it, or the start is not done'),
      everyMs: z.number().describe('Time between the end of a run and the start of the next, in ms'),
      lastRunAt: time.describe('Begin of the last run that has ended'),
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
