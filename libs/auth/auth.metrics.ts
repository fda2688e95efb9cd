import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const authMetrics = [
  makeCounterProvider({
    name: 'auth_logins_total',
    help: 'Sign-ins by password, by outcome: success, refused, limited, busy, failed',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'auth_refreshes_total',
    help: 'Uses of a refresh token, by outcome: success, repeated (the same successor again), read_only (given back unused), reused, key_unknown, ended, unknown, malformed',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'auth_failures_total',
    help: 'Access tokens and machine keys refused, by reason',
    labelNames: ['reason'],
  }),
  makeGaugeProvider({ name: 'auth_hash_queue_depth', help: 'Password hashes running and waiting' }),
  makeHistogramProvider({
    name: 'auth_hash_duration_seconds',
    help: 'Time to compute or verify one password hash, without waiting',
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1],
  }),
];
