export type { FoundFiling, RegisteredFiling } from './edgar/filing.js';
export { FilerTickers, type TickerLoad } from './tickers/filer-tickers.service.js';
export { filer } from './filing.dto.js';
export { Filings } from './filings.js';
export { filingsConfig } from './filings.config.js';
export { FilingsModule } from './filings.module.js';
export { TickerRefresh } from './tickers/ticker-refresh.task.js';
