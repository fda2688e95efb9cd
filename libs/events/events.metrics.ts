import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const eventsMetrics = [
  makeCounterProvider({
    name: 'events_recorded_total',
    help: 'Events recorded and committed, by declared type',
    labelNames: ['type'],
  }),
];
