import { z } from 'zod';
import { publishSchemas } from '#schemas';

const count = z.int().min(0);

const limitReportSchema = z.object({
  name: z.string(),
  limit: count.describe('Maximum per owner; 0: none'),
  per: z.enum(['process', 'user', 'address', 'account', 'account and address', 'cluster']).describe('The owner'),
  scope: z
    .enum(['process', 'cluster'])
    .describe('`process`: each process has this limit. `cluster`: all processes together have it'),
  counted: z
    .enum(['process', 'redis'])
    .describe('Where this process counts it now: with the others in Redis, or alone'),
  used: count.nullable().describe('Use by the busiest owner that this process knows; null if it is not kept'),
  headroom: z.number().min(0).max(1).nullable().describe('Share of the limit that this owner has left'),
  refusals: count.describe('Requests or connections that this process refused since its start'),
});

export const limitReportsSchema = z.object({
  processes: count.describe('Processes that count together; an assumption if Redis was never reached'),
  items: z.array(limitReportSchema),
});
export type LimitReportsAnswer = z.output<typeof limitReportsSchema>;

publishSchemas({ LimitReport: limitReportSchema, LimitReportList: limitReportsSchema });
