import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const REQUESTS = 'idempotency_requests_total';
export const FORGOTTEN = 'idempotency_forgotten_total';

export type Outcome = 'fresh' | 'failed' | 'replayed' | 'not_kept' | 'reused' | 'in_progress' | 'malformed';

export const idempotencyMetrics = [
  makeCounterProvider({
    name: REQUESTS,
    help: 'Requests with an Idempotency-Key, by outcome: fresh, failed, replayed, not_kept, reused, in_progress, malformed',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: FORGOTTEN,
    help: 'Keys removed after their retention (expired) or before it (keys), and answers removed early (bytes)',
    labelNames: ['reason'],
  }),
];
