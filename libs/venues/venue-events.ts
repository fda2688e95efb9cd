import { z } from 'zod';
import { defineEvent } from '#events';

/** An operator corrected a day of a venue's calendar, or removed the correction (`sessions` is null). */
export const VenueDayCorrected = defineEvent(
  'VenueDayCorrected',
  1,
  z.object({
    venue: z.string(),
    day: z.string(),
    sessions: z.array(z.tuple([z.string(), z.string()])).nullable(),
    reason: z.string(),
    changedBy: z.uuid(),
  }),
);
