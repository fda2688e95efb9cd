export { FilingBudgetMonthEntity } from './filing-budget-month.entity.js';
export { FilingEntity } from './filing.entity.js';
export type { AmendmentLink, AmendmentState, Filer, FoundFiling, RegisteredFiling } from './filing.js';
export { Filings } from './filings.js';
export { filingsConfig, type FilingsConfig } from './filings.config.js';
export { FilingsModule } from './filings.module.js';
export { FilingSummaries, type SummaryStanding } from './filing-summaries.js';
export { FilingSummaryCallEntity } from './filing-summary-call.entity.js';
export { FilingSummaryEntity } from './filing-summary.entity.js';
