import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { timeZoneName } from '#time';
import { hasEnd, WEEKDAYS } from './quiet-hours.js';

const MOST_WINDOWS = 14;
const time = z
  .string({ error: 'a time such as "22:00"' })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'a time such as "22:00"' });
const day = z.enum(WEEKDAYS, { error: `one of ${WEEKDAYS.join(', ')}` });

export const quietHoursSchema = z.strictObject({
  timeZone: timeZoneName,
  windows: z
    .array(
      z.strictObject({
        days: z
          .array(day)
          .min(1, { error: 'at least one day, or leave days out' })
          .max(7, { error: 'at most 7 days' })
          .optional()
          .describe('The days on which it begins; every day if left out'),
        from: time,
        to: z
          .union([time, z.literal('24:00')], { error: 'a time such as "07:00", or "24:00"' })
          .describe('On the next day if it is not after from'),
      }),
    )
    .min(1, { error: `1 to ${MOST_WINDOWS} windows` })
    .max(MOST_WINDOWS, { error: `1 to ${MOST_WINDOWS} windows` })
    .refine(hasEnd, { error: 'windows that leave some of the week free: otherwise messages never leave' }),
});

publishSchemas({ QuietHours: quietHoursSchema, QuietWindow: quietHoursSchema.shape.windows.element, Weekday: day });
