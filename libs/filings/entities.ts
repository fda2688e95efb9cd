export { FilerTickerEntity } from './tickers/filer-ticker.entity.js';
export { FilerTickerSourceEntity } from './tickers/filer-ticker-source.entity.js';
export { FilingBudgetMonthEntity } from './summaries/filing-budget-month.entity.js';
export { FilingEntity } from './register/filing.entity.js';
export { FilingSummaryCallEntity } from './summaries/filing-summary-call.entity.js';
export { FilingSummaryEntity } from './summaries/filing-summary.entity.js';
