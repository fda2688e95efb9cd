import { z } from 'zod';
import { pageOf, pageQuery } from '#http';
import type { AttemptView, DeliveryView } from './deliveries.repository.js';
import { DELIVERY_STATUSES } from './delivery.js';

const iso = z.iso.datetime();

export const deliverySchema = z.object({
  id: z.uuid(),
  alertId: z.uuid().nullable().describe('Null for a test message'),
  endpointId: z.uuid(),
  messageId: z.string().describe('webhook-id: the same on every attempt'),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.number().int(),
  nextAttemptAt: iso.nullable(),
  createdAt: iso,
  settledAt: iso.nullable().describe('Time of the delivery or of giving up'),
  statusCode: z.number().int().nullable().describe('Of the last attempt, like the following fields'),
  errorClass: z.string().nullable(),
  error: z.string().nullable(),
  latencyMs: z.number().int().nullable(),
  correlationId: z.string().nullable(),
});
export type DeliveryJson = z.output<typeof deliverySchema>;

export const attemptSchema = z.object({
  attempt: z.number().int(),
  at: iso,
  outcome: z.enum(['delivered', 'failed', 'gone']),
  statusCode: z.number().int().nullable(),
  errorClass: z.string().nullable(),
  error: z.string().nullable(),
  latencyMs: z.number().int(),
  responseBody: z.string().nullable().describe('First 16 KiB of the answer'),
});

export const deliveryDetailSchema = deliverySchema.extend({
  body: z.string().describe('Body as it is sent'),
  log: z.array(attemptSchema),
});
export type DeliveryDetailJson = z.output<typeof deliveryDetailSchema>;

export const deliveriesPageSchema = pageOf(deliverySchema);
export type DeliveriesPage = z.output<typeof deliveriesPageSchema>;

export const deliveriesQuerySchema = z.strictObject({
  status: z
    .enum(DELIVERY_STATUSES, { error: `one of ${DELIVERY_STATUSES.join(', ')}` })
    .optional()
    .describe('dead lists the dead letters'),
  endpoint: z.uuid({ error: 'the id of an endpoint' }).optional(),
  ...pageQuery(z.uuid()),
});
export type DeliveriesQuery = z.output<typeof deliveriesQuerySchema>;

export const deliveryIdSchema = z.uuid({ error: 'the id of a delivery' });

export function deliveryJson(view: DeliveryView): DeliveryJson {
  const { nextAttemptAt, createdAt, settledAt, ...rest } = view;
  return {
    ...rest,
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    settledAt: settledAt?.toISOString() ?? null,
  };
}

export function attemptJson(view: AttemptView): z.output<typeof attemptSchema> {
  return { ...view, at: view.at.toISOString() };
}
