export type { FoundFiling, RegisteredFiling } from './edgar/filing.js';
export { Filings } from './filings.js';
export { filingsConfig } from './filings.config.js';
export { FilingsModule } from './filings.module.js';
