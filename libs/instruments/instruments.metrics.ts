import { makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const instrumentsMetrics = [
  makeCounterProvider({
    name: 'instruments_import_rows_total',
    help: 'Rows of imported masters, by outcome: inserted, updated, unchanged, relisted, delisted, quarantined',
    labelNames: ['outcome'],
  }),
  makeHistogramProvider({
    name: 'instruments_import_duration_seconds',
    help: 'Duration of imports and rollbacks, by kind and result (done, refused)',
    labelNames: ['kind', 'result'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  }),
];
