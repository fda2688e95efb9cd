import { z } from 'zod';

/** `GET /v1/dashboard`. */
export const dashboardQuery = z.strictObject({
  panels: z
    .string({ error: 'panel names, comma-separated' })
    .max(500, { error: 'panel names, comma-separated' })
    .optional(),
});

export const stamp = z.object({
  id: z.string().describe('pg_current_snapshot(): two answers with one id are the same cut'),
  position: z.int().describe('the highest position of the change feed in it'),
  asOf: z.iso
    .datetime()
    .describe(
      'when the newest change in it was written, by the clock of the database; how long ago the cut was looked at is ageMs',
    ),
});

/** A cut in the answer of REST, in the acknowledgement of `dashboard:subscribe`, and in `dashboard:snapshot`. */
export const dashboardBody = z.object({
  snapshot: stamp,
  source: z.enum(['database', 'cache', 'stale']),
  ageMs: z.int().min(0).describe('how long ago the cut was last known to hold'),
  panels: z.record(z.string(), z.looseObject({})),
});
