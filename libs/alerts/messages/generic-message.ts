import { z } from 'zod';
import { jsonValue, publishSchemas } from '#schemas';
import type { AlertContent } from '../rules/alert-draft.js';

/** The message in the `generic` format, documented in docs/alerts.md. */
export const genericSchema = z.strictObject({
  id: z.uuid(),
  type: z.literal('alert'),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string().min(1).max(500),
  body: z.string().max(8_000),
  links: z.array(z.strictObject({ title: z.string(), url: z.url({ protocol: /^https?$/ }) })).max(10),
  fields: z.record(z.string(), z.string()),
  event: z.strictObject({ id: z.string(), type: z.string(), occurredAt: z.iso.datetime(), payload: jsonValue }),
  rule: z.strictObject({ id: z.string(), name: z.string() }),
  timestamp: z.iso.datetime(),
});

export function genericMessage(alert: AlertContent): z.output<typeof genericSchema> {
  const { id, severity, title, body, links, fields, event, rule, raisedAt } = alert;
  return {
    ...{ id, type: 'alert', severity, title, body, links },
    // fromEntries defines own properties: a field named __proto__ is a field.
    fields: Object.fromEntries(fields.map(({ name, value }) => [name, value])),
    event: { id: event.id, type: event.type, occurredAt: event.occurredAt.toISOString(), payload: event.payload },
    rule,
    timestamp: raisedAt.toISOString(),
  };
}

publishSchemas({ GenericMessage: genericSchema });
