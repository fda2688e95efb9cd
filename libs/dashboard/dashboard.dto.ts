import { z } from 'zod';
import { jsonObject, publishSchemas } from '#schemas';

const WINDOWS = 'JSON such as {"portfolios":{"limit":50}}, at most 16000 characters';
const PANELS = 'panel names, comma-separated, or JSON such as {"portfolios":{"limit":50}}, at most 16000 characters';

/** `GET /v1/dashboard`. */
export const dashboardQuery = z
  .strictObject({
    panels: z.union([z.string().max(16_000), z.array(z.string().max(60)).max(32)], { error: PANELS }).optional(),
    windows: z
      .string({ error: WINDOWS })
      .max(16_000, { error: WINDOWS })
      .regex(/^\s*\{/, { error: WINDOWS })
      .optional(),
  })
  .refine(({ panels, windows }) => panels === undefined || windows === undefined, {
    path: ['windows'],
    error: 'either panels or windows',
  });

export const stamp = z.object({
  id: z.string().describe('The database cluster and pg_current_snapshot(): two answers with one id are the same cut'),
  position: z.int().describe('the highest position of the change feed in it'),
  asOf: z.iso
    .datetime()
    .describe(
      'when the newest change in it was written, by the clock of the database; how long ago the cut was looked at is ageMs',
    ),
});

/** What a cut shows of each panel, by its name. The app composes the panels, so it publishes their schemas. */
const dashboardPanels = z.record(z.string(), jsonObject);

/** A cut in the answer of REST, in the acknowledgement of `dashboard:subscribe`, and in `dashboard:snapshot`. */
export const dashboardBody = z.object({
  snapshot: stamp,
  source: z.enum(['database', 'cache', 'stale']),
  ageMs: z.int().min(0).describe('Time since the cut was last known to be current, in ms'),
  panels: dashboardPanels,
});

publishSchemas({ CutStamp: stamp, Dashboard: dashboardBody, DashboardPanels: dashboardPanels });
