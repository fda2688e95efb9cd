import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const filingsMetrics = [
  makeCounterProvider({
    name: 'filings_registered_total',
    help: 'Filings handed over by feeds: new, merged with one known, or unchanged',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'filings_amendments_total',
    help: 'Amendments whose link was decided, by how',
    labelNames: ['state'],
  }),
  makeCounterProvider({
    name: 'filings_summaries_total',
    help: 'Summaries asked for, by what became of it',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'filings_summary_tokens_total',
    help: 'Tokens of calls to the model',
    labelNames: ['direction'],
  }),
  makeCounterProvider({ name: 'filings_summary_cost_dollars_total', help: 'Dollars of calls whose price is known' }),
  makeGaugeProvider({
    name: 'filings_budget_left_ratio',
    help: "Share of the month's budget for summaries that is left, 0 to 1",
  }),
];
