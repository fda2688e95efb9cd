import { z } from 'zod';

const count = z.int().min(0);

const cacheReportSchema = z.object({
  name: z.string(),
  entries: count,
  maxEntries: count,
  bytes: count.describe('Estimated'),
  maxBytes: count.nullable().describe('Null if limited by entries only'),
  hits: count,
  misses: count.describe('Successful loads'),
  shared: count.describe('Callers that joined a running load'),
  stale: count.describe('Stale values returned while the source failed'),
  loadFailures: count,
  evictions: count.describe('Entries evicted to stay within the limits'),
  hitRatio: z.number().min(0).max(1).nullable().describe('Share of hits. Null before the first lookup'),
  oldestMs: count.nullable().describe('Age of the oldest entry, in ms; null when the cache is empty'),
});

export const cacheReportsSchema = z.object({ items: z.array(cacheReportSchema) });
export type CacheReportsAnswer = z.output<typeof cacheReportsSchema>;
