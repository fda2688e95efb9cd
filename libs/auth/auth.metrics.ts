import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const authMetrics = [
  makeCounterProvider({
    name: 'auth_logins_total',
    help: 'Sign-ins by password, by outcome: success, refused, limited, busy, failed',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'auth_refreshes_total',
    help: 'Uses of a refresh token, by outcome: success, repeated (the same successor again), read_only (returned unchanged), reused, key_unknown, ended, unknown, malformed',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'auth_failures_total',
    help: 'Access tokens and API keys refused, by reason',
    labelNames: ['reason'],
  }),
];
