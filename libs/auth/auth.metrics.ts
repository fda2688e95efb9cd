import { declareMetrics } from '#metrics';

export const authMetrics = declareMetrics('auth', {
  auth_logins_total: {
    type: 'counter',
    help: 'Sign-ins by password, by outcome: success, refused, limited, busy, failed',
    labels: { outcome: ['success', 'refused', 'limited', 'busy', 'failed'] },
  },
  auth_refreshes_total: {
    type: 'counter',
    help: 'Uses of a refresh token, by outcome: success, repeated (the same successor again), read_only (returned unchanged), reused, key_unknown, ended, unknown, malformed',
    labels: { outcome: ['success', 'repeated', 'read_only', 'reused', 'key_unknown', 'ended', 'unknown', 'malformed'] },
  },
  auth_failures_total: {
    type: 'counter',
    help: 'Access tokens and API keys refused, by reason',
    labels: { reason: 'the reasons of libs/auth/refusal.ts' },
  },
});
