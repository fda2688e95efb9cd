import { configSlice, env, integer, type SliceValue } from '#config';

export const alertsConfig = configSlice('alerts', {
  rulesMax: env('ALERTS_RULES_MAX', integer(500, 1, 100_000), 'How many alert rules a user, or the desk, may have'),
  retentionDays: env('ALERTS_RETENTION_DAYS', integer(90, 1, 3_650), 'How long alerts are kept, days'),
  testEventsMax: env(
    'ALERTS_TEST_EVENTS_MAX',
    integer(10_000, 100, 100_000),
    'How many past events one test of a rule may read',
  ),
});

export type AlertsConfig = SliceValue<typeof alertsConfig>;
