import { z } from 'zod';
import { timestamp } from '#time';
import { pageOf, pageQuery } from '#http';

const form = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ./-]{0,29}$/, { error: 'a form such as 8-K or 10-K/A' });
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'a month such as 2025-12' });

export const accessionParam = z
  .string()
  .regex(/^\d{10}-\d{2}-\d{6}$/, { error: 'an accession number such as 0001493152-25-027399' });

export const filingsQuerySchema = z.strictObject({
  form: form.optional().describe('With its amendments: `8-K` gives 8-K/A too; `8-K/A` only these'),
  amendments: z.enum(['with', 'without', 'only'], { error: 'with, without or only' }).default('with'),
  cik: z
    .string()
    .regex(/^\d{1,10}$/, { error: 'up to ten digits' })
    .optional()
    .describe('Of any of its filers; leading zeros may be left out'),
  ticker: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,12}$/, { error: 'a ticker such as BRK-B' })
    .optional()
    .describe('Of a filer, where the feed knows it'),
  from: timestamp.optional().describe('Accepted at this time or later'),
  to: timestamp.optional().describe('Accepted before this time'),
  ...pageQuery(z.tuple([z.iso.datetime(), accessionParam])),
});
export type FilingsQuery = z.output<typeof filingsQuerySchema>;

export const usageQuerySchema = z.strictObject({ month: month.optional().describe('This one (UTC) if left out') });
export type UsageQuery = z.output<typeof usageQuerySchema>;

const otherFiling = z.object({ accession: z.string(), form: z.string(), filedOn: z.iso.date() });

const summarySchema = z.object({
  state: z
    .enum(['none', 'queued', 'calling', 'done', 'failed', 'refused', 'over-budget'])
    .describe('`none`: nobody was asked, `reason` says why'),
  reason: z.string().nullable(),
  text: z.string().nullable().describe('Made by a machine of a document that others wrote: no advice'),
  truncated: z.boolean().describe('The document was longer than what the model was given'),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  promptVersion: z.string().nullable(),
  invalidatedBy: z.string().nullable().describe('The amendment that made an earlier summary stale'),
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
  filedAt: z.iso.datetime().describe('When EDGAR accepted it'),
  reportDate: z.iso.date().nullable(),
  items: z.array(z.string()),
  link: z.string().nullable(),
  eventId: z.uuid().nullable(),
  amendment: z.enum(['original', 'linked', 'ambiguous', 'unlinked']),
  amends: z.string().nullable().describe('The filing it amends, where it is linked'),
  candidates: z.array(z.string()).describe('Those it may amend, where it is ambiguous'),
  basis: z.enum(['report-date', 'form-and-filer']).nullable().describe('What decided that'),
  amendedBy: z.array(otherFiling.extend({ certain: z.boolean() })),
  summary: summarySchema,
});
export type FilingAnswer = z.output<typeof filingSchema>;

export const filingsPageSchema = pageOf(filingSchema);
export type FilingsPage = z.output<typeof filingsPageSchema>;

const usd = z.string().describe('Dollars, exact');
export const usageSchema = z.object({
  month,
  provider: z.string().describe('`none`: nobody summarises here'),
  model: z.string().nullable(),
  priceKnown: z
    .boolean()
    .describe('false: `costUsd` leaves out what nobody knows; the budget counts it by a price of its own'),
  budget: z.object({
    limitUsd: usd,
    spentUsd: usd.describe('As the budget counts: with what may have been charged'),
    reservedUsd: usd.describe('Set aside for calls under way'),
    leftUsd: usd,
    exhaustedAt: z.iso.datetime().nullable(),
    notMade: z.number().int().describe('Calls that it would not bear'),
  }),
  asks: z.object({
    hits: z.number().int().describe('Answered from what was there'),
    misses: z.number().int().describe('Needed a call'),
    shared: z.number().int().describe('Came while another was calling'),
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
