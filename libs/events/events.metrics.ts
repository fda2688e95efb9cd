import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const eventsMetrics = [
  makeCounterProvider({
    name: 'events_recorded_total',
    help: 'Events recorded, by declared type (those of one-statement writes are counted by their own lib)',
    labelNames: ['type'],
  }),
];
