import { z } from 'zod';

const PANELS = 'panel names, comma-separated, or JSON such as {"portfolios":{"limit":50}}, at most 16000 characters';

/** `GET /v1/dashboard`. */
export const dashboardQuery = z.strictObject({
  panels: z.string({ error: PANELS }).max(16_000, { error: PANELS }).optional(),
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

/**
 * A cut in the answer of REST, in the acknowledgement of `dashboard:subscribe`, and in `dashboard:snapshot`.
 * @param panels what it shows of each panel
 */
export const dashboardBody = (panels: z.ZodType = z.record(z.string(), z.looseObject({}))) =>
  z.object({
    snapshot: stamp,
    source: z.enum(['database', 'cache', 'stale']),
    ageMs: z.int().min(0).describe('Time since the cut was last known to be current, in ms'),
    panels,
  });
