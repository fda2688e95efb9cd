import { z } from 'zod';
import { publishSchemas } from '#schemas';

const count = z.int().min(0);

const milliseconds = z.number().min(0).nullable();

const redisReportSchema = z.object({
  hits: count.describe('Values of other processes that were used'),
  misses: count.describe('Keys without a value'),
  refused: count.describe('Values older than a change that this process knew of'),
  waited: count.describe('Hits after waiting for the load of another process'),
  errors: count.describe('Redis did not answer in time'),
  hitRatio: z.number().min(0).max(1).nullable().describe('Share of hits. Null before the first lookup'),
  stored: count.describe('Values that this process stored'),
  storedBytes: count,
  meanMs: milliseconds.describe('Mean time that a load waited for Redis, in ms'),
});

const cacheReportSchema = z.object({
  name: z.string(),
  entries: count,
  maxEntries: count,
  bytes: count.describe('Estimated'),
  maxBytes: count.nullable().describe('Null if limited by entries only'),
  hits: count,
  misses: count.describe('Successful loads'),
  promoted: count.describe('Values found in Redis'),
  shared: count.describe('Callers that joined a running load'),
  stale: count.describe('Stale values returned while the source failed'),
  loadFailures: count,
  evictions: count.describe('Entries evicted to stay within the limits'),
  hitRatio: z.number().min(0).max(1).nullable().describe('Share of hits. Null before the first lookup'),
  oldestMs: count.nullable().describe('Age of the oldest entry, in ms; null when the cache is empty'),
  meanLoadMs: milliseconds.describe('Mean duration of a load from the source, in ms; null before the first'),
  redis: redisReportSchema.nullable().describe('The second tier. Null: this cache has none'),
});

export const cacheReportsSchema = z.object({
  redis: z.object({
    enabled: z.boolean().describe('Whether the processes share cached values in Redis'),
    available: z.boolean().describe('Whether Redis answers. If not, each process uses its memory and the database'),
  }),
  items: z.array(cacheReportSchema),
});
export type CacheReportsAnswer = z.output<typeof cacheReportsSchema>;

publishSchemas({ CacheReport: cacheReportSchema, CacheReportList: cacheReportsSchema, RedisReport: redisReportSchema });
