export { LatestQuoteEntity } from './quotes/latest-quote.entity.js';
export { PortfolioHistoryPointEntity } from './history/portfolio-history-point.entity.js';
export { PortfolioSnapshotEntity } from './snapshots/portfolio-snapshot.entity.js';
export { PositionAdjustmentEntity } from './rates/position-adjustment.entity.js';
export { QuoteMarkEntity } from './quotes/quote-mark.entity.js';
export { RateEntity } from './rates/rate.entity.js';
export { ValuationMomentEntity } from './rates/valuation-moment.entity.js';
