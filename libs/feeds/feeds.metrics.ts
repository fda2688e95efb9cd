import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const REFUSED_DOCUMENTS = 'feeds_refused_documents_total';

export const feedsMetrics = [
  makeCounterProvider({
    name: REFUSED_DOCUMENTS,
    help: 'Refused documents of feeds by error code. FEEDS_DOCUMENT_LIMIT: a limit of size, time or memory was exceeded',
    labelNames: ['code'],
  }),
  makeCounterProvider({
    name: 'feeds_cycles_total',
    help: 'Feed cycles by outcome: fresh, empty, unchanged, failed, or lost (not recorded)',
    labelNames: ['outcome'],
  }),
  makeHistogramProvider({
    name: 'feeds_cycle_duration_seconds',
    help: 'Duration of a feed cycle by stage: fetch, parse, record',
    labelNames: ['stage'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  }),
  makeCounterProvider({
    name: 'feeds_items_total',
    help: 'Items of feeds by outcome: fresh, revised, seen, unreadable',
    labelNames: ['outcome'],
  }),
  makeGaugeProvider({ name: 'feeds_sources', help: 'Enabled feeds by state', labelNames: ['state'] }),
  makeGaugeProvider({
    name: 'feeds_consecutive_empty',
    help: 'Consecutive cycles without a new item in trading hours. At most FEEDS_MAX_SOURCES series',
    labelNames: ['source'],
  }),
  makeGaugeProvider({
    name: 'feeds_empty_limit',
    help: 'ALERT_CONSECUTIVE_EMPTY_CYCLES: consecutive empty cycles after which operators are notified',
  }),
  makeGaugeProvider({
    name: 'feeds_consecutive_failures',
    help: 'Consecutive cycles that failed or never ended',
    labelNames: ['source'],
  }),
  makeGaugeProvider({
    name: 'feeds_overdue_ratio',
    help: 'Trading time since the last successful cycle, in cadences of the feed. 1 is on time',
    labelNames: ['source'],
  }),
  makeGaugeProvider({ name: 'feeds_cycle_prices', help: 'Prices held in memory for running cycles. 0 between cycles' }),
  makeGaugeProvider({
    name: 'feeds_last_cycle_age_seconds',
    help: 'Longest trading time since the last successful cycle over all feeds',
  }),
];
