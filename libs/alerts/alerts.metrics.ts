import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const alertsMetrics = [
  makeCounterProvider({ name: 'alerts_raised_total', help: 'Alerts raised', labelNames: ['severity'] }),
  makeCounterProvider({
    name: 'alerts_deduplicated_total',
    help: 'Matches counted on an existing alert within its dedupe window',
  }),
  makeCounterProvider({
    name: 'alerts_unformattable_total',
    help: 'Alerts and deliveries without a message, because none could be made',
  }),
  makeCounterProvider({
    name: 'alerts_rule_overruns_total',
    help: 'Events on which a rule exceeded its time, by limit: rule, owner (all rules of a user), killed (the thread)',
    labelNames: ['limit'],
  }),
  makeCounterProvider({
    name: 'alerts_rules_switched_off_total',
    help: 'Rules switched off because they exceeded their time repeatedly',
  }),
  makeGaugeProvider({
    name: 'alerts_rules',
    help: 'Alert rules in the memory of this process',
    labelNames: ['enabled'],
  }),
  makeHistogramProvider({
    name: 'alerts_evaluation_duration_seconds',
    help: 'Duration of matching a batch of events with all rules, including the reads of changed rules and prices',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  }),
];
