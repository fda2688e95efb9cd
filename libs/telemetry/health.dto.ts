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
  pendingMigrations: z.array(z.string()).optional(),
});
