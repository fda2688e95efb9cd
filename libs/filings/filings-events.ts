import { z } from 'zod';
import { defineEvent } from '#events';

/** Once a month: the budget would not bear the next summary. Feeds go on; filings of the rest of the month have no summary. */
export const filingsBudgetExhausted = defineEvent(
  'FilingsBudgetExhausted',
  1,
  z.object({
    month: z.string().describe('YYYY-MM'),
    budgetUsd: z.string(),
    spentUsd: z.string(),
    neededUsd: z.string().describe('What the call that was not made might have cost'),
    model: z.string(),
  }),
  { operator: true, severity: 'warning' },
);
