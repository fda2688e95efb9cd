export { LatestQuoteEntity } from './quotes/latest-quote.entity.js';
export { PortfolioHistoryPointEntity } from './history/portfolio-history-point.entity.js';
export { PortfolioSnapshotEntity } from './snapshots/portfolio-snapshot.entity.js';
