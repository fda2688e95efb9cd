import { z } from 'zod';

const count = z.int().min(0);

const cacheReportSchema = z.object({
  name: z.string(),
  entries: count,
  maxEntries: count,
  bytes: count.describe('Estimated'),
  maxBytes: count.nullable().describe('Null: bounded by entries alone'),
  hits: count,
  misses: count.describe('Loads that gave a value'),
  shared: count.describe('Callers that joined a running load'),
  stale: count.describe('Stale values answered while the source failed'),
  loadFailures: count,
  evictions: count.describe('Entries dropped to keep the bounds'),
  hitRatio: z.number().min(0).max(1).nullable().describe('Hits of all lookups; null before the first one'),
  oldestMs: count.nullable().describe('Age of the oldest entry, in ms; null when the cache is empty'),
});

export const cacheReportsSchema = z.object({ items: z.array(cacheReportSchema) });
export type CacheReportsAnswer = z.output<typeof cacheReportsSchema>;
