import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { deliveriesPageSchema } from '#deliveries';
import { eventSchema, type EventsRepository } from '#events';
import { timestamp } from '#time';
import { pageOf, pageQuery } from '#http';
import { wireFlag, wireList, wireText } from '#text';
import { severity } from '../rules/alert-rule.dto.js';
import { alertTicker } from '../silences/alert-silence.dto.js';
import type { AlertRow } from './alerts.repository.js';

type EventRow = NonNullable<Awaited<ReturnType<EventsRepository['find']>>>;

/** Maximum number of alerts that one request acknowledges. */
const MOST_ACKNOWLEDGED = 500;

export const alertIdSchema = z.uuid({ error: 'the id of an alert' });
export const alertsQuerySchema = z.strictObject({
  severity: wireList(severity).optional(),
  acknowledged: wireFlag,
  silenced: wireFlag.describe('Whether a silence kept it from being sent'),
  ruleId: wireList(z.uuid({ error: 'the id of an alert rule' })).optional(),
  type: wireList(eventSchema.shape.type).optional().describe('Type of the event'),
  ticker: wireList(alertTicker).optional().describe('The event names one of these tickers'),
  instrumentId: wireList(z.uuid({ error: 'the id of an instrument' }))
    .optional()
    .describe('Instrument of the event'),
  correlationId: wireText(200).optional().describe('Correlation id of the event'),
  userId: z.uuid({ error: 'the id of a user' }).optional().describe('Owner; only operators may name another user'),
  scope: z.enum(['mine', 'desk'], { error: 'mine or desk' }).optional(),
  from: timestamp.optional().describe('Raised at this time or later'),
  to: timestamp.optional().describe('Raised before this time'),
  sort: z
    .enum(['-raisedAt', 'raisedAt'], { error: '-raisedAt (newest first) or raisedAt' })
    .default('-raisedAt')
    .describe('-raisedAt: newest first'),
  ...pageQuery(z.uuid()),
});
export type AlertsQuery = z.output<typeof alertsQuerySchema>;

export const alertSchema = z.object({
  id: z.uuid(),
  ruleId: z.uuid(),
  ruleName: z.string(),
  userId: z.uuid().nullable().describe('Null: an alert of the desk'),
  eventId: z.uuid(),
  eventType: eventSchema.shape.type,
  severity,
  title: z.string(),
  body: z.string(),
  links: z.array(z.object({ title: z.string(), url: z.string() })),
  fields: z.array(z.object({ name: z.string(), value: z.string() })),
  count: z.int().describe('Number of matching events, including those within its dedupe window'),
  lastEventId: z.uuid(),
  raisedAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  deferredUntil: z.iso.datetime().nullable().describe('End of the quiet hours for which its messages wait'),
  unformattable: z.string().nullable().describe('Reason why no message can be made of it'),
  correlationId: z.string().nullable(),
  instrumentId: z.uuid().nullable().describe('Instrument of the event'),
  tickers: z.array(z.string()).describe('Tickers that the event names, at most 100'),
  silencedBy: z.uuid().nullable().describe('The silence by which it was not sent. It may have ended'),
  acknowledgedAt: z.iso.datetime().nullable(),
  acknowledgedBy: z.uuid().nullable(),
});
export type AlertView = z.output<typeof alertSchema>;
export const alertsPageSchema = pageOf(alertSchema);
export type AlertsPage = z.output<typeof alertsPageSchema>;

export const alertDetailSchema = alertSchema.extend({
  event: eventSchema.nullable().describe('The event that raised it. Null once events of its month are removed'),
  deliveries: deliveriesPageSchema.shape.items.describe('Its messages to endpoints that you may see, at most 500'),
});
export type AlertDetail = z.output<typeof alertDetailSchema>;

export const acknowledgeSchema = z.strictObject({
  ids: z
    .array(alertIdSchema, { error: 'a list of alert ids' })
    .min(1, { error: 'at least one id' })
    .max(MOST_ACKNOWLEDGED, { error: `at most ${MOST_ACKNOWLEDGED} ids` })
    .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))]),
});
export type Acknowledge = z.output<typeof acknowledgeSchema>;

export const acknowledgedSchema = z.object({
  acknowledged: z.int().describe('Number of alerts that this request acknowledged'),
  items: z.array(
    z.object({
      id: z.uuid(),
      status: z
        .enum(['acknowledged', 'unchanged', 'not_found'])
        .describe('unchanged: it was acknowledged before. not_found: it does not exist, or you may not see it'),
    }),
  ),
});
export type Acknowledged = z.output<typeof acknowledgedSchema>;

export function toEventPart(row: EventRow): NonNullable<AlertDetail['event']> {
  return { ...row, occurredAt: row.occurredAt.toISOString(), recordedAt: row.recordedAt.toISOString() };
}

export function toAlertView(row: AlertRow): AlertView {
  return {
    ...row,
    raisedAt: row.raisedAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    deferredUntil: row.deferredUntil?.toISOString() ?? null,
    acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
  };
}

publishSchemas({
  AcknowledgedAlert: acknowledgedSchema.shape.items.element,
  AcknowledgedAlerts: acknowledgedSchema,
  Alert: alertSchema,
  AlertAcknowledgement: acknowledgeSchema,
  AlertDetail: alertDetailSchema,
  AlertField: alertSchema.shape.fields.element,
  AlertLink: alertSchema.shape.links.element,
  AlertPage: alertsPageSchema,
});
