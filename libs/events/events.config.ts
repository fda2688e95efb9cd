import { configSlice, duration, env, type SliceValue } from '#config';

export const eventsConfig = configSlice('events', {
  retentionMs: env('EVENTS_RETENTION', duration('400d', '35d', '3650d'), 'How long events are kept. Removed by month'),
});
export type EventsConfig = SliceValue<typeof eventsConfig>;
