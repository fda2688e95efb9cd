import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const portfoliosMetrics = [
  makeCounterProvider({
    name: 'portfolios_snapshots_total',
    help: 'Portfolio snapshots received, by status: stored, stale, refused',
    labelNames: ['status'],
  }),
  makeCounterProvider({
    name: 'portfolios_quotes_total',
    help: 'Quotes received, by status (stored or stale)',
    labelNames: ['status'],
  }),
  makeCounterProvider({ name: 'portfolios_marks_total', help: 'Portfolios marked to market by quotes' }),
];
