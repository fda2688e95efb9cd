import { declareMetrics } from '#metrics';

export const POSITIONS_VALUED = 'portfolios_positions_valued_total';

/** Comparisons of snapshots with what brokers have. */
export const RECONCILIATIONS = 'portfolios_reconciliations_total';

export const portfoliosMetrics = declareMetrics('portfolios', {
  [POSITIONS_VALUED]: {
    type: 'counter',
    help: 'Positions valued: those of what changed, for cuts, answers and points of histories',
  },
  [RECONCILIATIONS]: {
    type: 'counter',
    help: 'Snapshots compared with the positions of their broker, by result: agrees, differs, failed',
    labels: { result: ['agrees', 'differs', 'failed'] },
  },
  portfolios_snapshots_total: {
    type: 'counter',
    help: 'Portfolio snapshots received, by status: stored, stale, refused',
    labels: { status: ['stored', 'stale', 'refused'] },
  },
  portfolios_quotes_total: {
    type: 'counter',
    help: 'Quotes received, by status: stored, stale, refused (too many wait)',
    labels: { status: ['stored', 'stale', 'refused'] },
  },
  portfolios_quotes_waiting: { type: 'gauge', help: 'Quotes that wait to be written in this process' },
  portfolios_quotes_flush_duration_seconds: {
    type: 'histogram',
    help: 'Duration of one write of quotes, which may be of several requests, in seconds',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  },
  portfolios_quotes_flush_requests: {
    type: 'histogram',
    help: 'Requests whose quotes were written together',
    buckets: [1, 2, 5, 10, 20, 50],
  },
});
