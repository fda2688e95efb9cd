import { z } from 'zod';
import { timestamp } from '#time';
import { pageOf, pageQuery } from '#http';

const form = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ./-]{0,29}$/, { error: 'a form such as 8-K or 10-K/A' });
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'a month such as 2025-12' });

export const accessionParam = z
  .string()
  .regex(/^\d{10}-\d{2}-\d{6}$/, { error: 'an accession number such as 0001493152-25-027399' });

export const filingsQuerySchema = z.strictObject({
  form: form.optional().describe('Form, with its amendments: `8-K` includes 8-K/A, `8-K/A` is exact'),
  amendments: z.enum(['with', 'without', 'only'], { error: 'with, without or only' }).default('with'),
  cik: z
    .string()
    .regex(/^\d{1,10}$/, { error: 'up to ten digits' })
    .optional()
    .describe('CIK of any filer. Leading zeros are optional'),
  ticker: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,12}$/, { error: 'a ticker such as BRK-B' })
    .optional()
    .describe('Ticker of a filer, if the feed contains it'),
  from: timestamp.optional().describe('Accepted at this time or later'),
  to: timestamp.optional().describe('Accepted before this time'),
  ...pageQuery(z.tuple([z.iso.datetime(), accessionParam])),
});
export type FilingsQuery = z.output<typeof filingsQuerySchema>;

export const usageQuerySchema = z.strictObject({
  month: month.optional().describe('Month to report. Default: the current month (UTC)'),
});
export type UsageQuery = z.output<typeof usageQuerySchema>;

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

export const filingSchema = z.object({
  accession: z.string(),
  form: z.string(),
  baseForm: z.string(),
  isAmendment: z.boolean(),
  filers: z.array(
    z.object({ cik: z.string(), name: z.string(), role: z.string().nullable(), ticker: z.string().nullable() }),
  ),
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
