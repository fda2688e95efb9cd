import { declareMetrics } from '#metrics';

export const REFUSED_DOCUMENTS = 'feeds_refused_documents_total';

export const feedsMetrics = declareMetrics('feeds', {
  [REFUSED_DOCUMENTS]: {
    type: 'counter',
    help: 'Refused documents of feeds by error code. FEEDS_DOCUMENT_LIMIT: a limit of size, time or memory was exceeded',
    labels: { code: 'the error codes of documents' },
  },
  feeds_cycles_total: {
    type: 'counter',
    help: 'Feed cycles by outcome: fresh, empty, unchanged, failed, or lost (not recorded)',
    labels: { outcome: ['fresh', 'empty', 'unchanged', 'failed', 'lost'] },
  },
  feeds_cycle_duration_seconds: {
    type: 'histogram',
    help: 'Duration of a feed cycle by stage: fetch, parse, record',
    labels: { stage: ['fetch', 'parse', 'record'] },
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  feeds_items_total: {
    type: 'counter',
    help: 'Items of feeds by outcome: fresh, revised, seen, unreadable',
    labels: { outcome: ['fresh', 'revised', 'seen', 'unreadable'] },
  },
  feeds_sources: {
    type: 'gauge',
    help: 'Enabled feeds by state',
    labels: { state: ['live', 'quiet', 'stale', 'failing'] },
  },
  feeds_consecutive_empty: {
    type: 'gauge',
    help: 'Consecutive cycles without a new item in trading hours. At most FEEDS_MAX_SOURCES series',
    labels: { source: 'the enabled feeds, at most FEEDS_MAX_SOURCES' },
  },
  feeds_empty_limit: {
    type: 'gauge',
    help: 'ALERT_CONSECUTIVE_EMPTY_CYCLES: consecutive empty cycles after which operators are notified',
  },
  feeds_consecutive_failures: {
    type: 'gauge',
    help: 'Consecutive cycles that failed or never ended',
    labels: { source: 'the enabled feeds, at most FEEDS_MAX_SOURCES' },
  },
  feeds_market_open: {
    type: 'gauge',
    help: '1 in the trading hours of the venue of a feed, and always for a feed without a venue',
    labels: { source: 'the enabled feeds, at most FEEDS_MAX_SOURCES' },
  },
  feeds_overdue_ratio: {
    type: 'gauge',
    help: 'Trading time since the last successful cycle, in cadences of the feed. 1 is on time',
    labels: { source: 'the enabled feeds, at most FEEDS_MAX_SOURCES' },
  },
  feeds_cycle_prices: { type: 'gauge', help: 'Prices held in memory for running cycles. 0 between cycles' },
  feeds_last_cycle_age_seconds: {
    type: 'gauge',
    help: 'Longest trading time since the last successful cycle over all feeds',
  },
});
