import { z } from 'zod';
import { publishSchemas } from '#schemas';

const count = z.int().min(0);
const bytes = count.describe('Bytes that the client has not taken');

export const realtimeStateSchema = z.object({
  budgets: z.array(
    z.object({
      budget: z
        .enum(['connections', 'cluster', 'user', 'address'])
        .describe('cluster: of all processes together, as counted in Redis, if it has a limit'),
      used: count.describe('Sockets. Of a user or an address: the highest count of one'),
      limit: count,
      share: z.number().min(0).describe('used / limit'),
    }),
  ),
  peaks: z
    .object({ '1m': count, '5m': count })
    .describe('Highest number of sockets within the last minute and the last five minutes'),
  conflated: count.describe('Sockets whose frames are dropped now, because they read too slowly'),
  droppedFrames: count.describe('Frames dropped for slow sockets since the start'),
  unsentBytes: bytes,
  closed: z.record(z.string(), count).describe('Closed sockets since the start, by reason'),
  slowest: z
    .array(
      z.object({
        socketId: z.string(),
        userId: z.uuid(),
        unsentBytes: bytes,
        droppedFrames: count.describe('Since it fell behind'),
        conflated: z.boolean(),
      }),
    )
    .describe('The 10 sockets with most unsent bytes'),
});

publishSchemas({
  ConnectionBudget: realtimeStateSchema.shape.budgets.element.shape.budget,
  RealtimeState: realtimeStateSchema,
  SlowSocket: realtimeStateSchema.shape.slowest.element,
  UsedBudget: realtimeStateSchema.shape.budgets.element,
});
