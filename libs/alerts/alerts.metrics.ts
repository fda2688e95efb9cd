import { declareMetrics } from '#metrics';

export const alertsMetrics = declareMetrics('alerts', {
  alerts_raised_total: {
    type: 'counter',
    help: 'Alerts raised',
    labels: { severity: ['info', 'warning', 'critical'] },
  },
  alerts_deduplicated_total: { type: 'counter', help: 'Matches counted on an existing alert within its dedupe window' },
  alerts_silenced_total: {
    type: 'counter',
    help: 'Alerts that a silence kept from being sent',
    labels: { severity: ['info', 'warning', 'critical'] },
  },
  alerts_unformattable_total: {
    type: 'counter',
    help: 'Alerts and deliveries without a message, because none could be made',
  },
  alerts_rule_overruns_total: {
    type: 'counter',
    help: 'Events on which a rule exceeded its time, by limit: rule, owner (all rules of a user), killed (the thread)',
    labels: { limit: ['rule', 'owner', 'killed'] },
  },
  alerts_rules_switched_off_total: {
    type: 'counter',
    help: 'Rules switched off because they exceeded their time repeatedly',
  },
  alerts_rules: {
    type: 'gauge',
    help: 'Alert rules in the memory of this process',
    labels: { enabled: ['true', 'false'] },
  },
  alerts_evaluation_duration_seconds: {
    type: 'histogram',
    help: 'Duration of matching a batch of events with all rules, including the reads of changed rules and prices',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
});
