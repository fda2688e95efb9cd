import { declareMetrics } from '#metrics';

export const filingsMetrics = declareMetrics('filings', {
  filings_registered_total: {
    type: 'counter',
    help: 'Filings found by feeds, by outcome: new, merged or unchanged',
    labels: { outcome: ['new', 'merged', 'unchanged'] },
  },
  filings_amendments_total: {
    type: 'counter',
    help: 'Links of amendments that were set or changed, by state',
    labels: { state: ['original', 'linked', 'ambiguous', 'unlinked'] },
  },
  filings_ticker_loads_total: {
    type: 'counter',
    help: 'Loads of a ticker file by outcome: loaded, or refused (unreadable, or too many tickers are missing)',
    labels: { outcome: ['loaded', 'refused'] },
  },
  filings_summaries_total: {
    type: 'counter',
    help: 'Requested summaries, by outcome',
    labels: {
      outcome: [
        'skipped',
        'discarded',
        'retried',
        'hit',
        'shared',
        'calling',
        'done',
        'failed',
        'refused',
        'over-budget',
      ],
    },
  },
  filings_model_tokens_total: {
    type: 'counter',
    help: 'Tokens used by model calls',
    labels: { direction: ['in', 'out'] },
  },
  filings_model_cost_dollars_total: {
    type: 'counter',
    help: 'Cost of model calls with a known price, in US dollars',
  },
  filings_budget_left_ratio: { type: 'gauge', help: "Remaining share of the month's budget for summaries, 0 to 1" },
});
