import { declareMetrics } from '#metrics';

export const REQUESTS = 'idempotency_requests_total';
export const FORGOTTEN = 'idempotency_forgotten_total';

export type Outcome = 'fresh' | 'failed' | 'replayed' | 'not_kept' | 'reused' | 'in_progress' | 'malformed';

export const idempotencyMetrics = declareMetrics('idempotency', {
  [REQUESTS]: {
    type: 'counter',
    help: 'Requests with an Idempotency-Key, by outcome: fresh, failed, replayed, not_kept, reused, in_progress, malformed',
    labels: { outcome: ['fresh', 'failed', 'replayed', 'not_kept', 'reused', 'in_progress', 'malformed'] },
  },
  [FORGOTTEN]: {
    type: 'counter',
    help: 'Keys removed after their retention (expired) or before it (keys), and answers removed early (bytes)',
    labels: { reason: ['expired', 'keys', 'bytes'] },
  },
});
