import { z } from 'zod';
import { wireText } from '#text';
import { timestamp } from '#time';
import { pageOf, pageQuery } from '#http';
import type { EventRow } from './events.repository.js';

export const eventsQuerySchema = z.strictObject({
  correlationId: wireText(200).optional().describe('Correlation id of the request, message or job that caused it'),
  type: z
    .string()
    .regex(/^[A-Za-z0-9]{1,64}$/, { error: 'the name of an event type such as "SessionExpired"' })
    .optional(),
  user: z.uuid({ error: 'the id of a user' }).optional().describe('Owner. Only operators may name another user'),
  from: timestamp.optional().describe('Events of this time or later'),
  to: timestamp.optional().describe('Events before this time'),
  ...pageQuery(z.uuid()),
});
export type EventsQuery = z.output<typeof eventsQuerySchema>;

export const eventSchema = z.object({
  id: z.uuid(),
  type: z.string(),
  version: z.number().int().describe("Of the payload's shape"),
  broker: z.string().nullable(),
  userId: z.uuid().nullable(),
  instrumentId: z.uuid().nullable(),
  correlationId: z.string().nullable(),
  causationId: z.uuid().nullable().describe('Event that caused this one'),
  payload: z.unknown(),
  occurredAt: z.iso.datetime(),
  recordedAt: z.iso.datetime(),
});
export type EventItem = z.output<typeof eventSchema>;

export const eventsPageSchema = pageOf(eventSchema);
export type EventsPage = z.output<typeof eventsPageSchema>;

export function toEventView(row: EventRow): EventItem {
  return { ...row, occurredAt: row.occurredAt.toISOString(), recordedAt: row.recordedAt.toISOString() };
}
