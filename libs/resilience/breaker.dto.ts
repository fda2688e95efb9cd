import { z } from 'zod';

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
export type BreakersAnswer = z.infer<typeof breakersSchema>;
