import { z } from 'zod';
import { brokerName, wireText } from '#text';
import { timeZoneName } from '#time';
import { VENUE_NAMES } from '#venues';
import { FEED_KINDS } from './sources/feed-source.js';

const wholeMs = (min: number, max: number) =>
  z
    .int({ error: `whole milliseconds from ${min} to ${max}` })
    .min(min, { error: `at least ${min} ms` })
    .max(max, { error: `at most ${max} ms` });
const DAY = 86_400_000;

const quoteSettings = z.strictObject({
  broker: brokerName,
  keys: z
    .array(wireText(200))
    .min(1)
    .max(10_000)
    .optional()
    .describe('Keys to request, in chunks. The url contains {keys}'),
  chunk: z.int().min(1).max(1_000).optional().describe('Keys per request. Default: 100'),
  separator: wireText(10).optional().describe('Separator of the keys. Default: a comma'),
  key: wireText(200).optional().describe('Column of the key, or its path in a JSON element'),
  price: wireText(200).optional(),
  time: wireText(200).optional(),
  previousClose: wireText(200).optional(),
  items: wireText(200).optional().describe('Path to the list or object of quotes in a JSON answer'),
  fixedKey: wireText(200).optional().describe('Key of a file without keys'),
  timeZone: timeZoneName.optional().describe('Time zone of times without one. Default: UTC'),
});

const settings = z.strictObject({
  pages: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'EDGAR only: maximum number of pages of 100 entries per cycle. A cycle stops at the first page of known entries',
    ),
  quotes: quoteSettings.optional(),
});

const headerName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'a header name: letters, digits and -' });
const headerValue = wireText(1_000).refine((value) => !/[\r\n]/.test(value), { error: 'one line' });

const fields = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$/, { error: 'a name of 1 to 60 letters, digits, spaces, ., _ or -' }),
  kind: z.enum(FEED_KINDS, { error: `one of ${FEED_KINDS.join(', ')}` }),
  url: wireText(2_000),
  venue: z
    .enum(VENUE_NAMES, { error: `one of ${VENUE_NAMES.join(', ')}, or null` })
    .nullable()
    .describe('Venue whose trading hours apply. null: items are expected at any time'),
  cadenceMs: wholeMs(1_000, DAY).describe('Interval between cycles'),
  expectedEveryMs: wholeMs(1_000, 30 * DAY)
    .nullable()
    .describe('Silence in trading hours after which the feed is stale'),
  emptyLimit: z
    .int()
    .min(0)
    .max(100_000)
    .nullable()
    .describe(
      'Consecutive empty cycles after which operators are notified. null: ALERT_CONSECUTIVE_EMPTY_CYCLES. 0: never',
    ),
  requestsPerSecond: z
    .number()
    .min(0.01)
    .max(1_000)
    .describe('Maximum requests per second to the host, shared by all feeds of that host. EDGAR: at most 8'),
  headers: z
    .record(headerName, headerValue)
    .refine((headers) => Object.keys(headers).length <= 20, { error: 'at most 20 headers' })
    .describe('secret:NAME is replaced by the value of NAME in FEEDS_SECRETS'),
  settings,
  enabled: z.boolean(),
};

export const createFeedSchema = z.strictObject({
  name: fields.name,
  kind: fields.kind,
  url: fields.url,
  venue: fields.venue.optional(),
  cadenceMs: fields.cadenceMs.optional(),
  expectedEveryMs: fields.expectedEveryMs.optional(),
  emptyLimit: fields.emptyLimit.optional(),
  requestsPerSecond: fields.requestsPerSecond.optional(),
  headers: fields.headers.optional(),
  settings: settings.optional(),
  enabled: fields.enabled.optional(),
});
export type CreateFeed = z.output<typeof createFeedSchema>;

/** The kind cannot change, because claims of one kind have no meaning for another. */
export const changeFeedSchema = createFeedSchema
  .omit({ kind: true })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'at least one field' });
export type ChangeFeed = z.output<typeof changeFeedSchema>;

export const feedIdSchema = z.uuid({ error: 'the id of a feed' });

const count = z.int().min(0);
const time = z.iso.datetime();

const cycleSchema = z.object({
  startedAt: time,
  outcome: z.enum(['fresh', 'empty', 'unchanged', 'failed']),
  httpStatus: z.int().nullable(),
  bytes: count,
  entries: count,
  fresh: count,
  revised: count,
  seen: count,
  unreadable: count,
  warnings: z.array(z.object({ item: z.string(), reason: z.string() })),
  error: z.string().nullable(),
  stagesMs: z.object({ fetch: count, parse: count, record: count }),
  correlationId: z.string().nullable(),
});

export const feedSchema = z.object({
  id: z.uuid(),
  ...fields,
  headers: z.record(z.string(), z.string()).describe('Values that look like credentials are not shown'),
  state: z.enum(['live', 'quiet', 'stale', 'failing']).describe('State at the time of the answer'),
  raised: z
    .array(z.enum(['empty', 'stale', 'failing']))
    .describe('Conditions that operators were notified about and that have not recovered'),
  consecutiveEmpty: count,
  consecutiveFailures: count,
  lastCycleAt: time.nullable(),
  lastSuccessAt: time.nullable(),
  lastItemAt: time.nullable(),
  lastError: z.string().nullable(),
  nextRunAt: time,
  statistics: z
    .object({
      cycles: count,
      failed: count,
      itemsPerSecond: z.number().describe('Entries processed per second'),
      hitRate: z.number().nullable().describe('Share of entries that were already known'),
      unchangedRate: z.number().describe('Share of cycles with a 304 or unchanged bytes'),
      headroom: z
        .number()
        .describe(
          'Share of the cadence left by the 95th percentile of cycle durations. Below 0 the feed cannot keep its cadence',
        ),
    })
    .nullable()
    .describe('Figures of the last 100 cycles'),
  cycles: z.array(cycleSchema).describe('The last five cycles, newest first'),
});
export type FeedView = z.output<typeof feedSchema>;

export const feedsSchema = z.object({ items: z.array(feedSchema) });
export type FeedsView = z.output<typeof feedsSchema>;

export const runSchema = z.object({ id: z.uuid(), queued: z.literal(true) });
export type RunView = z.output<typeof runSchema>;
