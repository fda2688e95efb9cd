export type { AmendmentLink, AmendmentState, Filer, FoundFiling, RegisteredFiling } from './edgar/filing.js';
export { Filings } from './filings.js';
export { filingsConfig, type FilingsConfig } from './filings.config.js';
export { FilingsModule } from './filings.module.js';
export { FilingSummaries, type SummaryStanding } from './summaries/filing-summaries.js';
