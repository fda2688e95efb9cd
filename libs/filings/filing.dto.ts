import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { timestamp } from '#time';
import { wireList, wireOrder } from '#text';
import { pageOf, pageQuery } from '#http';

/** Tickers of one search: each is a part of the condition. */
const MOST_TICKERS = 20;
const form = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ./-]{0,29}$/, { error: 'a form such as 8-K or 10-K/A' });
const ticker = z.string().regex(/^\$?[A-Za-z0-9./-]{1,12}$/, { error: 'a ticker such as BRK-B' });
const cik = z.string().regex(/^\d{1,10}$/, { error: 'up to ten digits' });
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'a month such as 2025-12' });

export const accessionParam = z
  .string()
  .regex(/^\d{10}-\d{2}-\d{6}$/, { error: 'an accession number such as 0001493152-25-027399' });

export const filingOrder = wireOrder({ filedAt: z.iso.datetime() }, '-filedAt');
export const filingsQuerySchema = z
  .strictObject({
    form: wireList(form)
      .optional()
      .describe(
        'Forms, with their amendments: `8-K` includes 8-K/A, `8-K/A` is exact. `SC 13D` and `13D` are `SCHEDULE 13D`',
      ),
    amendments: z.enum(['with', 'without', 'only'], { error: 'with, without or only' }).default('with'),
    cik: wireList(cik).optional().describe('CIKs of any filer. Leading zeros are optional'),
    ticker: wireList(ticker, MOST_TICKERS)
      .optional()
      .describe(
        'Tickers of a filer: filings of filers that have it now, and of filers that had it, of the time in which they did',
      ),
    from: timestamp.optional().describe('Accepted at this time or later'),
    to: timestamp.optional().describe('Accepted before this time'),
    sort: filingOrder.sort.describe('-filedAt: newest first'),
    ...pageQuery(filingOrder.key(accessionParam)),
  })
  .refine(...filingOrder.sameOrder);
export type FilingsQuery = z.output<typeof filingsQuerySchema>;

export const usageQuerySchema = z.strictObject({
  month: month.optional().describe('Month to report. Default: the current month (UTC)'),
});
export type UsageQuery = z.output<typeof usageQuerySchema>;

export const tickersQuerySchema = z
  .strictObject({
    ticker: ticker.optional().describe('Who has this ticker, and who had it'),
    cik: cik.optional().describe('Which tickers this filer has, and had'),
  })
  .refine(({ ticker: given, cik: filer }) => given === undefined || filer === undefined, {
    path: ['ticker'],
    error: 'either ticker or cik',
  });
export type TickersQuery = z.output<typeof tickersQuerySchema>;

export const tickersSchema = z.object({
  items: z
    .array(
      z.object({
        cik: z.string(),
        ticker: z.string(),
        name: z.string(),
        since: z.iso.datetime().nullable().describe('Load that found it. null: before the first load'),
        until: z.iso.datetime().nullable().describe('Load that no longer found it. null: current'),
      }),
    )
    .describe('Current ones first, then the latest, at most 200. Empty without ticker and cik'),
  sources: z
    .array(
      z.object({
        source: z.string().describe('URL or name of the ticker file'),
        loadedAt: z.iso.datetime(),
        tickers: z.number().int().describe('Tickers in the file'),
        added: z.number().int(),
        ended: z.number().int(),
        skipped: z.number().int().describe('Entries that could not be read'),
      }),
    )
    .describe('The last load of each file, newest first'),
});
export type TickersAnswer = z.output<typeof tickersSchema>;

const otherFiling = z.object({ accession: z.string(), form: z.string(), filedOn: z.iso.date() });

const summarySchema = z.object({
  state: z
    .enum(['none', 'queued', 'calling', 'done', 'failed', 'refused', 'over-budget'])
    .describe('`none`: no model was called; `reason` says why'),
  reason: z.string().nullable(),
  text: z.string().nullable().describe('Machine-made summary of a third party’s document. Not advice'),
  truncated: z.boolean().describe('True if the document was longer than the part given to the model'),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  promptVersion: z.string().nullable(),
  invalidatedBy: z.string().nullable().describe('Amendment that made an earlier summary stale'),
  madeAt: z.iso.datetime().nullable(),
});

/** A filer as its filing names it. */
export const filer = z.object({
  cik: z.string(),
  name: z.string(),
  role: z.string().nullable(),
  ticker: z.string().nullable(),
});

export const filingSchema = z.object({
  accession: z.string(),
  form: z.string(),
  baseForm: z.string(),
  isAmendment: z.boolean(),
  filers: z.array(filer),
  tickers: z.array(z.string()).describe('Tickers that its filers have now or had when it was filed'),
  filedOn: z.iso.date().describe("EDGAR's filing date"),
  filedAt: z.iso.datetime().describe('Time of acceptance by EDGAR'),
  reportDate: z.iso.date().nullable(),
  items: z.array(z.string()),
  link: z.string().nullable(),
  eventId: z.uuid().nullable(),
  amendment: z.enum(['original', 'linked', 'ambiguous', 'unlinked']),
  amends: z.string().nullable().describe('Filing that it amends, if `linked`'),
  candidates: z.array(z.string()).describe('Filings that it may amend, if `ambiguous`'),
  basis: z.enum(['report-date', 'form-and-filer']).nullable().describe('Basis of the link'),
  amendedBy: z.array(otherFiling.extend({ certain: z.boolean() })),
  summary: summarySchema,
});
export type FilingAnswer = z.output<typeof filingSchema>;

export const filingsPageSchema = pageOf(filingSchema);
export type FilingsPage = z.output<typeof filingsPageSchema>;

const usd = z.string().describe('US dollars, exact decimal');
export const usageSchema = z.object({
  month,
  provider: z.string().describe('`none`: no provider is configured'),
  model: z.string().nullable(),
  priceKnown: z
    .boolean()
    .describe(
      'False if the price of the model is unknown. `costUsd` then omits its calls, and the budget counts them at the fallback price',
    ),
  budget: z.object({
    limitUsd: usd,
    spentUsd: usd.describe('Amount counted against the budget, including calls that may have been charged'),
    reservedUsd: usd.describe('Amount reserved for calls in progress'),
    leftUsd: usd,
    exhaustedAt: z.iso.datetime().nullable(),
    notMade: z.number().int().describe('Calls not made because the budget was spent'),
  }),
  asks: z.object({
    hits: z.number().int().describe('Requests answered from stored summaries'),
    misses: z.number().int().describe('Requests that needed a call'),
    shared: z.number().int().describe('Requests that joined a call in progress'),
  }),
  tokens: z.object({ in: z.number().int(), out: z.number().int() }),
  costUsd: usd,
  unpricedCalls: z.number().int(),
  models: z.array(
    z.object({
      model: z.string(),
      provider: z.string(),
      calls: z.number().int(),
      unpriced: z.number().int(),
      tokensIn: z.number().int(),
      tokensOut: z.number().int(),
      costUsd: usd,
    }),
  ),
});
export type UsageAnswer = z.output<typeof usageSchema>;

publishSchemas({
  Filer: filer,
  Filing: filingSchema,
  FilingPage: filingsPageSchema,
  FilingSummary: summarySchema,
  FilingTickers: tickersSchema,
  FilingUsage: usageSchema,
});
