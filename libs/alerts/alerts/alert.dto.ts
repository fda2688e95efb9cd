import { z } from 'zod';
import { timestamp } from '#time';
import { pageOf, pageQuery } from '#http';
import { severity } from '../rules/alert-rule.dto.js';
import type { AlertRow } from './alerts.repository.js';

export const alertIdSchema = z.uuid({ error: 'the id of an alert' });
export const alertsQuerySchema = z.strictObject({
  severity: severity.optional(),
  acknowledged: z.enum(['true', 'false'], { error: 'true or false' }).optional(),
  rule: z.uuid({ error: 'the id of an alert rule' }).optional(),
  type: z
    .string()
    .regex(/^[A-Za-z0-9]{1,64}$/, { error: 'the name of an event type such as "NewsPublished"' })
    .optional()
    .describe('Type of the event'),
  user: z.uuid({ error: 'the id of a user' }).optional().describe('Owner; only operators may name another user'),
  scope: z.enum(['mine', 'desk'], { error: 'mine or desk' }).optional(),
  from: timestamp.optional().describe('Raised at this time or later'),
  to: timestamp.optional().describe('Raised before this time'),
  ...pageQuery(z.uuid()),
});
export type AlertsQuery = z.output<typeof alertsQuerySchema>;

export const alertSchema = z.object({
  id: z.uuid(),
  ruleId: z.uuid(),
  ruleName: z.string(),
  userId: z.uuid().nullable().describe('Null: an alert of the desk'),
  eventId: z.uuid(),
  eventType: z.string(),
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
  acknowledgedAt: z.iso.datetime().nullable(),
  acknowledgedBy: z.uuid().nullable(),
});
export type AlertView = z.output<typeof alertSchema>;
export const alertsPageSchema = pageOf(alertSchema);
export type AlertsPage = z.output<typeof alertsPageSchema>;

export function toAlertView(row: AlertRow): AlertView {
  return {
    ...row,
    raisedAt: row.raisedAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    deferredUntil: row.deferredUntil?.toISOString() ?? null,
    acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
  };
}
