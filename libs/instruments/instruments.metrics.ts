import { declareMetrics } from '#metrics';

export const instrumentsMetrics = declareMetrics('instruments', {
  instruments_import_rows_total: {
    type: 'counter',
    help: 'Rows of imported masters, by outcome: inserted, updated, unchanged, relisted, delisted, quarantined, filtered',
    labels: { outcome: ['inserted', 'updated', 'unchanged', 'relisted', 'delisted', 'quarantined', 'filtered'] },
  },
  instruments_import_duration_seconds: {
    type: 'histogram',
    help: 'Duration of imports and rollbacks, by kind and result (done, refused)',
    labels: { kind: ['import', 'rollback'], result: ['done', 'refused'] },
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
});
