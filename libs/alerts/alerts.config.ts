import { configSlice, duration, env, type SliceValue } from '#config';

export const alertsConfig = configSlice(
  'alerts',
  {
    retentionMs: env('ALERTS_RETENTION', duration('90d', '1d', '3650d'), 'How long alerts are kept', {
      formerly: 'ALERTS_RETENTION_DAYS',
    }),
  },
  {
    /** Maximum number of alert rules per user, and of the desk. */
    maxRules: 500,
    /** Maximum number of past events that one test of a rule reads. */
    testEventsMax: 10_000,
  },
);

export type AlertsConfig = SliceValue<typeof alertsConfig>;
