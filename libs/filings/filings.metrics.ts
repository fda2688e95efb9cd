import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const filingsMetrics = [
  makeCounterProvider({
    name: 'filings_registered_total',
    help: 'Filings found by feeds, by outcome: new, merged or unchanged',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'filings_amendments_total',
    help: 'Links of amendments that were set or changed, by state',
    labelNames: ['state'],
  }),
  makeCounterProvider({
    name: 'filings_summaries_total',
    help: 'Requested summaries, by outcome',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'filings_summary_tokens_total',
    help: 'Tokens used by model calls',
    labelNames: ['direction'],
  }),
  makeCounterProvider({
    name: 'filings_summary_cost_dollars_total',
    help: 'Cost of model calls with a known price, in US dollars',
  }),
  makeGaugeProvider({
    name: 'filings_budget_left_ratio',
    help: "Remaining share of the month's budget for summaries, 0 to 1",
  }),
];
