import { z } from 'zod';
import { defineEvent } from '#events';

const from = { sourceId: z.uuid(), source: z.string() };
const time = z.iso.datetime();

const news = {
  ...from,
  title: z.string(),
  link: z.string().nullable(),
  summary: z.string(),
  author: z.string().nullable(),
  categories: z.array(z.string()),
  /** Without the venue: `FCEL`. */
  tickers: z.array(z.string()),
  /** With it, as the feed says: `Nasdaq:FCEL`. */
  listings: z.array(z.string()),
  language: z.string().nullable(),
  publishedAt: time.nullable(),
};

/** A feed shows an item that no claim was made of. It happened when the desk saw it; `publishedAt` is the publisher's word. */
export const NewsPublished = defineEvent('NewsPublished', 1, z.object(news));

/** The title or text of a known item is another than before. */
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
  /** The first filer's; `companies` are all. */
  company: z.string(),
  companies: z.array(z.string()),
  ciks: z.array(z.string()),
  tickers: z.array(z.string()),
  filers: z.array(
    z.object({ cik: z.string(), name: z.string(), role: z.string().nullable(), ticker: z.string().nullable() }),
  ),
  items: z.array(z.string()),
  filedOn: z.iso.date(),
  filedAt: time,
  link: z.string().nullable(),
};

/** An accession number that no feed had shown; further filers of it are merged without another event. */
export const FilingPublished = defineEvent('FilingPublished', 1, z.object(filing));

/** A new accession number whose form amends another: 8-K/A, 10-K/A.. */
export const FilingAmended = defineEvent(
  'FilingAmended',
  1,
  z.object({
    ...filing,
    amendment: z.enum(['linked', 'ambiguous', 'unlinked', 'original']),
    /** The accession number it amends, if that is certain. */
    amends: z.string().nullable(),
    /** Those that fit equally, if it is not. */
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

/** Something of a known halt is another than before, mostly the time of its end. */
export const TradingHaltRevised = defineEvent(
  'TradingHaltRevised',
  1,
  z.object({ ...halt, revision: z.number().int().min(1), firstEventId: z.uuid().nullable() }),
);

const condition = {
  ...from,
  kind: z.string(),
  since: time.nullable(),
  consecutiveEmpty: z.number().int(),
  consecutiveFailures: z.number().int(),
  lastSuccessAt: time.nullable(),
  lastItemAt: time.nullable(),
  reason: z.string(),
};

/** In market hours, and told once: no good cycle within its cadences, or connected and silent for too long. */
export const FeedWentStale = defineEvent('FeedWentStale', 1, z.object(condition), {
  operator: true,
  severity: 'critical',
});
/** Failures in a row, or cycles that never came to their end. */
export const FeedFailing = defineEvent('FeedFailing', 1, z.object(condition), { operator: true, severity: 'critical' });
/** ALERT_CONSECUTIVE_EMPTY_CYCLES without anything new, in market hours. */
export const FeedWentEmpty = defineEvent('FeedWentEmpty', 1, z.object(condition), {
  operator: true,
  severity: 'warning',
});
/** All of the above that was told is over. */
export const FeedRecovered = defineEvent(
  'FeedRecovered',
  1,
  z.object({ ...condition, recoveredFrom: z.array(z.enum(['empty', 'stale', 'failing'])) }),
  { operator: true, severity: 'info' },
);
