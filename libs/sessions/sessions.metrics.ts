import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const sessionsMetrics = [
  makeCounterProvider({
    name: 'sessions_upserts_total',
    help: 'Saved broker sessions, by outcome: opened, token_changed, updated, unchanged',
    labelNames: ['outcome'],
  }),
  makeGaugeProvider({
    name: 'sessions_active',
    help: 'Broker sessions with a token that has not expired, at the last check',
  }),
  makeCounterProvider({ name: 'sessions_expired_total', help: 'Broker sessions that this process marked as expired' }),
];
