import { declareMetrics } from '#metrics';

export const eventsMetrics = declareMetrics('events', {
  events_recorded_total: {
    type: 'counter',
    help: 'Events recorded and committed, by declared type',
    labels: { type: 'the event types that the code declares' },
  },
  events_inbox_told_total: { type: 'counter', help: 'Events of one-statement writes that the listeners have handled' },
  events_inbox_set_aside_total: {
    type: 'counter',
    help: 'Events set aside because a listener could not handle them twice',
  },
  events_inbox_failures_total: { type: 'counter', help: 'Events postponed because a listener threw' },
});
