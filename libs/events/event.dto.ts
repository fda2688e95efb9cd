import { z } from 'zod';
import { jsonValue, publishSchemas, publishShape } from '#schemas';
import { wireList, wireText } from '#text';
import { timestamp } from '#time';
import { pageOf, pageQuery } from '#http';
import { declaredEvents, declaredTypes } from './event-type.js';
import type { EventRow } from './events.repository.js';

/** Name of a declared type. The libs declare theirs when they are loaded, so all are known when a desk has started. */
const eventTypeName = z.string().refine((name) => declaredTypes().includes(name), {
  error: 'an event type such as "SessionExpired"; GET /v1/catalogue lists them',
});

export const eventsQuerySchema = z.strictObject({
  correlationId: wireText(200).optional().describe('Correlation id of the request, message or job that caused it'),
  type: wireList(eventTypeName).optional(),
  userId: z.uuid({ error: 'the id of a user' }).optional().describe('Owner. Only operators may name another user'),
  from: timestamp.optional().describe('Events of this time or later'),
  to: timestamp.optional().describe('Events before this time'),
  sort: z
    .enum(['-occurredAt', 'occurredAt'], { error: '-occurredAt (newest first) or occurredAt' })
    .default('-occurredAt')
    .describe('-occurredAt: newest first'),
  ...pageQuery(z.uuid()),
});
export type EventsQuery = z.output<typeof eventsQuerySchema>;

export const eventIdSchema = z.uuid({ error: 'the id of an event' });

export const eventSchema = z.object({
  id: z.uuid(),
  type: eventTypeName,
  version: z.number().int().describe("Of the payload's shape"),
  broker: z.string().nullable(),
  userId: z.uuid().nullable(),
  instrumentId: z.uuid().nullable(),
  correlationId: z.string().nullable(),
  causationId: z.uuid().nullable().describe('Event that caused this one'),
  payload: jsonValue,
  occurredAt: z.iso.datetime(),
  recordedAt: z.iso.datetime(),
});
export type EventItem = z.output<typeof eventSchema>;

export const eventsPageSchema = pageOf(eventSchema);
export type EventsPage = z.output<typeof eventsPageSchema>;

export function toEventView(row: EventRow): EventItem {
  return { ...row, occurredAt: row.occurredAt.toISOString(), recordedAt: row.recordedAt.toISOString() };
}

publishShape('EventType', eventTypeName, () => z.enum(declaredTypes()));
publishShape('Event', eventSchema, eventUnion);
publishSchemas({ EventPage: eventsPageSchema });

/** Every declared type of event with its payload. `type` tells them apart. */
function eventUnion(): z.ZodType {
  const types = [...Map.groupBy(declaredEvents(), ({ type }) => type)].map(([type, versions]) =>
    eventSchema.extend({
      type: z.literal(type),
      version: z.literal(versions.map(({ version }) => version)),
      payload: versions.length === 1 ? versions[0]!.payload : z.union(versions.map(({ payload }) => payload)),
    }),
  );
  return z.discriminatedUnion('type', types as [(typeof types)[0]]);
}
