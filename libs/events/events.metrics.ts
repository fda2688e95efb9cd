import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const eventsMetrics = [
  makeCounterProvider({
    name: 'events_recorded_total',
    help: 'Events recorded and committed, by declared type',
    labelNames: ['type'],
  }),
  makeCounterProvider({
    name: 'events_inbox_told_total',
    help: 'Events of one-statement writes that the listeners have handled',
  }),
  makeCounterProvider({
    name: 'events_inbox_set_aside_total',
    help: 'Events set aside because a listener could not handle them twice',
  }),
  makeCounterProvider({ name: 'events_inbox_failures_total', help: 'Events postponed because a listener threw' }),
];
