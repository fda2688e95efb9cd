import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const REFUSED_DOCUMENTS = 'feeds_refused_documents_total';

export const feedsMetrics = [
  makeCounterProvider({
    name: REFUSED_DOCUMENTS,
    help: 'Documents of sources that were not read, by error code; FEEDS_DOCUMENT_LIMIT: beyond a limit of size, time or memory',
    labelNames: ['code'],
  }),
  makeCounterProvider({
    name: 'feeds_cycles_total',
    help: 'Visits to feeds, by what came of them: fresh, empty, unchanged, failed, lost (not recorded)',
    labelNames: ['outcome'],
  }),
  makeHistogramProvider({
    name: 'feeds_cycle_duration_seconds',
    help: 'Time of a visit by stage: fetch, parse, record',
    labelNames: ['stage'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  }),
  makeCounterProvider({
    name: 'feeds_items_total',
    help: 'Items of feeds: fresh, revised, seen, unreadable',
    labelNames: ['outcome'],
  }),
  makeGaugeProvider({ name: 'feeds_sources', help: 'Feeds that are switched on, by state', labelNames: ['state'] }),
  makeGaugeProvider({
    name: 'feeds_consecutive_empty',
    help: 'Cycles in a row without a new item in market hours; at most FEEDS_MAX_SOURCES series',
    labelNames: ['source'],
  }),
  makeGaugeProvider({
    name: 'feeds_empty_limit',
    help: 'ALERT_CONSECUTIVE_EMPTY_CYCLES: from so many on they are told',
  }),
  makeGaugeProvider({
    name: 'feeds_consecutive_failures',
    help: 'Cycles in a row that failed or never ended',
    labelNames: ['source'],
  }),
  makeGaugeProvider({
    name: 'feeds_overdue_ratio',
    help: 'Market time since the last good cycle, in cadences of the feed; 1 is on time',
    labelNames: ['source'],
  }),
  makeGaugeProvider({ name: 'feeds_cycle_prices', help: 'Prices held for cycles that are at work; 0 between them' }),
  makeGaugeProvider({
    name: 'feeds_last_cycle_age_seconds',
    help: 'Market time since the last good cycle of the feed that has waited longest',
  }),
];
