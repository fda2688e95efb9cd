export { FilingBudgetMonthEntity } from './summaries/filing-budget-month.entity.js';
export { FilingEntity } from './register/filing.entity.js';
export type { AmendmentLink, AmendmentState, Filer, FoundFiling, RegisteredFiling } from './edgar/filing.js';
export { Filings } from './filings.js';
export { filingsConfig, type FilingsConfig } from './filings.config.js';
export { FilingsModule } from './filings.module.js';
export { FilingSummaries, type SummaryStanding } from './summaries/filing-summaries.js';
export { FilingSummaryCallEntity } from './summaries/filing-summary-call.entity.js';
export { FilingSummaryEntity } from './summaries/filing-summary.entity.js';
