import { configSlice, duration, env, integer, type SliceValue } from '#config';

export const alertsConfig = configSlice(
  'alerts',
  {
    maxRules: env('ALERTS_MAX_RULES', integer(500, 1, 10_000), 'Maximum alert rules per user, and of the desk'),
    retentionMs: env('ALERTS_RETENTION', duration('90d', '1d', '3650d'), 'How long alerts are kept', {
      formerly: 'ALERTS_RETENTION_DAYS',
    }),
  },
  {
    /** Maximum number of past events that one test of a rule reads. */
    testEventsMax: 10_000,
  },
);

export type AlertsConfig = SliceValue<typeof alertsConfig>;
