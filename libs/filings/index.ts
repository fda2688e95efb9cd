export { Filings } from './filings.js';
export type { AmendmentLink, AmendmentState, Filer, FoundFiling, RegisteredFiling } from './filing.js';
export { FilingsModule } from './filings.module.js';
