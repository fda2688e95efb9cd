import { z } from 'zod';
import { defineEvent } from '#events';

/**
 * Recorded at most once per month, when the budget cannot cover the next summary. Feeds continue. Later filings of the
 * month have no summary.
 */
export const filingsBudgetExhausted = defineEvent(
  'FilingsBudgetExhausted',
  1,
  z.object({
    month: z.string().describe('YYYY-MM'),
    budgetUsd: z.string(),
    spentUsd: z.string(),
    neededUsd: z.string().describe('Maximum cost of the refused call'),
    model: z.string(),
  }),
  { operator: true, severity: 'warning' },
);
