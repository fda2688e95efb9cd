import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { wireList, wireText } from '#text';
import { pageOf, pageQuery } from '#http';
import { timestamp, timeZoneName } from '#time';
import { VENUE_NAMES } from '#venues';
import { MAX_ENTRIES } from './formats/document-limits.js';
import { quoteSettings } from './prices/quote-settings.dto.js';
import { FEED_STATES } from './sources/feed-state.js';
import { CYCLE_OUTCOMES, DATE_ORDERS, FEED_KINDS } from './sources/feed-source.js';

const wholeMs = (min: number, max: number) =>
  z
    .int({ error: `whole milliseconds from ${min} to ${max}` })
    .min(min, { error: `at least ${min} ms` })
    .max(max, { error: `at most ${max} ms` });
const DAY = 86_400_000;

const settings = z.strictObject({
  pages: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'EDGAR only: maximum number of pages of 100 entries per cycle. A cycle stops at the first page of known entries',
    ),
  dateOrder: z
    .enum(DATE_ORDERS, { error: `one of ${DATE_ORDERS.join(', ')}` })
    .optional()
    .describe(
      'News only: meaning of dates such as 05/11/2025. Default: that of the venue; without one they are not read',
    ),
  ignoreScheme: z
    .boolean()
    .optional()
    .describe('News only: http and https in guids and links identify the same item. Default: false'),
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
  timeZone: timeZoneName.nullable().describe('Time zone of times without one. null: that of the venue, otherwise UTC'),
  alertOnFirst: z
    .int()
    .min(0)
    .max(MAX_ENTRIES)
    .describe(
      'Number of items, newest first, that alert although the feed held them before it was added. The others are recorded without an alert. Default: 0',
    ),
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
  timeZone: fields.timeZone.optional(),
  alertOnFirst: fields.alertOnFirst.optional(),
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
  id: z.uuid(),
  startedAt: time,
  finishedAt: time,
  outcome: z
    .enum(CYCLE_OUTCOMES)
    .describe('fresh: it had new items. empty: no new item. unchanged: a 304 or the same bytes'),
  httpStatus: z.int().nullable(),
  bytes: count,
  entries: count,
  fresh: count,
  unalerted: count.describe('New items that the feed held before it was added, recorded without an alert'),
  revised: count,
  seen: count,
  unreadable: count,
  warnings: z.array(z.object({ item: z.string(), reason: z.string() })),
  error: z.string().nullable(),
  stagesMs: z.object({ fetch: count, parse: count, record: count }).describe('Duration of each stage, in ms'),
  correlationId: z.string().nullable(),
});

export const cyclesPageSchema = pageOf(cycleSchema);
export type CyclesPage = z.output<typeof cyclesPageSchema>;
export const cyclesQuerySchema = z.strictObject({
  outcome: wireList(z.enum(CYCLE_OUTCOMES, { error: `one of ${CYCLE_OUTCOMES.join(', ')}` })).optional(),
  from: timestamp.optional().describe('Recorded at this time or later'),
  to: timestamp.optional().describe('Recorded before this time'),
  sort: z
    .enum(['-startedAt', 'startedAt'], { error: '-startedAt (newest first) or startedAt' })
    .default('-startedAt')
    .describe('-startedAt: newest first'),
  ...pageQuery(z.uuid()),
});
export type CyclesQuery = z.output<typeof cyclesQuerySchema>;

export const feedSchema = z.object({
  id: z.uuid(),
  ...fields,
  headers: z.record(z.string(), z.string()).describe('Values that look like credentials are not shown'),
  state: z.enum(FEED_STATES).describe('State at the time of the answer'),
  raised: z
    .array(z.enum(['empty', 'stale', 'failing']))
    .describe('Conditions that operators were notified about and that have not recovered'),
  consecutiveEmpty: count,
  consecutiveFailures: count,
  lastCycleAt: time.nullable(),
  lastSuccessAt: time.nullable(),
  lastItemAt: time.nullable(),
  lastError: z.string().nullable(),
  movedTo: z.string().nullable().describe('URL to which the server has moved the feed for good, and that is requested'),
  goneAt: time.nullable().describe('When the server said that the feed no longer exists (410). It is not polled since'),
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

export const feedsQuerySchema = z.strictObject({
  query: wireText(100).optional().describe('Words in the name or kind of a feed'),
  state: wireList(z.enum(FEED_STATES, { error: `one of ${FEED_STATES.join(', ')}` }))
    .optional()
    .describe('Enabled feeds in one of these states'),
  ...pageQuery(),
});
export type FeedsQuery = z.output<typeof feedsQuerySchema>;
export const feedsSchema = z.object({ items: z.array(feedSchema) });
export type FeedsView = z.output<typeof feedsSchema>;

export const runSchema = z.object({ id: z.uuid(), queued: z.literal(true) });
export type RunView = z.output<typeof runSchema>;

publishSchemas({
  FeedCondition: feedSchema.shape.raised.element,
  Feed: feedSchema,
  FeedChange: changeFeedSchema,
  FeedCycle: cycleSchema,
  FeedCyclePage: cyclesPageSchema,
  FeedOutcome: cycleSchema.shape.outcome,
  FeedKind: fields.kind,
  FeedList: feedsSchema,
  FeedRun: runSchema,
  FeedSettings: settings,
  FeedState: feedSchema.shape.state,
  NewFeed: createFeedSchema,
});
