import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { defineEvent } from '#events';
import { filer } from '#filings';

const from = { sourceId: z.uuid(), source: z.string() };
const time = z.iso.datetime();

const news = {
  ...from,
  title: z.string(),
  link: z.string().nullable(),
  summary: z.string(),
  author: z.string().nullable(),
  categories: z.array(z.string()),
  /** Tickers without the venue: `FCEL`. */
  tickers: z.array(z.string()),
  /** Listings with the venue, as in the feed: `Nasdaq:FCEL`. */
  listings: z.array(z.string()),
  language: z.string().nullable(),
  publishedAt: time.nullable(),
};

/** A feed contains an item without a claim. `occurredAt` is the time at which the desk saw it, `publishedAt` that of the publisher. */
export const NewsPublished = defineEvent('NewsPublished', 1, z.object(news));

/** The title or text of a known item has changed. */
export const NewsRevised = defineEvent(
  'NewsRevised',
  1,
  z.object({
    ...news,
    revision: z.number().int().min(1),
    firstEventId: z.uuid().nullable(),
    previousTitle: z.string().nullable(),
  }),
);

const filing = {
  ...from,
  accession: z.string(),
  form: z.string(),
  baseForm: z.string(),
  isAmendment: z.boolean(),
  /** Name of the first filer. `companies` has all. */
  company: z.string(),
  companies: z.array(z.string()),
  ciks: z.array(z.string()),
  tickers: z.array(z.string()),
  filers: z.array(filer),
  items: z.array(z.string()),
  filedOn: z.iso.date(),
  filedAt: time,
  link: z.string().nullable(),
};

/** A new accession number. More filers of it are merged without another event. */
export const FilingPublished = defineEvent('FilingPublished', 1, z.object(filing));

/** A new accession number with an amending form: 8-K/A, 10-K/A and so on. */
export const FilingAmended = defineEvent(
  'FilingAmended',
  1,
  z.object({
    ...filing,
    amendment: z.enum(['linked', 'ambiguous', 'unlinked', 'original']),
    /** The amended accession number, if exactly one fits. */
    amends: z.string().nullable(),
    /** The accession numbers that fit, if several do. */
    candidates: z.array(z.string()),
  }),
);

const halt = {
  ...from,
  symbol: z.string(),
  tickers: z.array(z.string()),
  name: z.string(),
  market: z.string(),
  reasonCode: z.string(),
  haltedAt: time,
  resumesQuotingAt: time.nullable(),
  resumesTradingAt: time.nullable(),
  pauseThresholdPrice: z.string().nullable(),
};

export const TradingHalted = defineEvent('TradingHalted', 1, z.object(halt));

/** A known halt has changed, usually the time of its end. */
export const TradingHaltRevised = defineEvent(
  'TradingHaltRevised',
  1,
  z.object({ ...halt, revision: z.number().int().min(1), firstEventId: z.uuid().nullable() }),
);

const conditionFields = {
  ...from,
  kind: z.string(),
  since: time.nullable(),
  consecutiveEmpty: z.number().int(),
  consecutiveFailures: z.number().int(),
  lastSuccessAt: time.nullable(),
  lastItemAt: time.nullable(),
  reason: z.string(),
};

const condition = z.object(conditionFields);
publishSchemas({ FeedConditionPayload: condition });

/** Recorded once, in trading hours: no successful cycle within its cadences, or no item for too long. */
export const FeedWentStale = defineEvent('FeedWentStale', 1, condition, {
  operator: true,
  severity: 'critical',
});
/** Failures in a row, or cycles that never ended. */
export const FeedFailing = defineEvent('FeedFailing', 1, condition, { operator: true, severity: 'critical' });
/** ALERT_CONSECUTIVE_EMPTY_CYCLES cycles without a new item, in trading hours. */
export const FeedWentEmpty = defineEvent('FeedWentEmpty', 1, condition, {
  operator: true,
  severity: 'warning',
});
/** All recorded conditions have ended. */
export const FeedRecovered = defineEvent(
  'FeedRecovered',
  1,
  z.object({ ...conditionFields, recoveredFrom: z.array(z.enum(['empty', 'stale', 'failing'])) }),
  { operator: true, severity: 'info' },
);
