import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const POSITIONS_VALUED = 'portfolios_positions_valued_total';

export const portfoliosMetrics = [
  makeCounterProvider({
    name: POSITIONS_VALUED,
    help: 'Positions valued: those of what changed, for cuts, answers and points of histories',
  }),
  makeCounterProvider({
    name: 'portfolios_snapshots_total',
    help: 'Portfolio snapshots received, by status: stored, stale, refused',
    labelNames: ['status'],
  }),
  makeCounterProvider({
    name: 'portfolios_quotes_total',
    help: 'Quotes received, by status: stored, stale, refused (too many wait)',
    labelNames: ['status'],
  }),
  makeGaugeProvider({ name: 'portfolios_quotes_waiting', help: 'Quotes that wait to be written in this process' }),
  makeHistogramProvider({
    name: 'portfolios_quotes_flush_duration_seconds',
    help: 'Duration of one write of quotes, which may be of several requests, in seconds',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  }),
  makeHistogramProvider({
    name: 'portfolios_quotes_flush_requests',
    help: 'Requests whose quotes were written together',
    buckets: [1, 2, 5, 10, 20, 50],
  }),
];
