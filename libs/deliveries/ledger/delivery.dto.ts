import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { pageOf, pageQuery } from '#http';
import { wireList } from '#text';
import { timestamp } from '#time';
import type { AttemptView, DeliveryView } from './deliveries.repository.js';
import { DELIVERY_STATUSES } from './delivery.js';

/** Maximum number of deliveries that one request sends again. */
const MOST_RETRIED = 500;

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

/** Filters of a log of deliveries. */
const logFilter = {
  status: wireList(z.enum(DELIVERY_STATUSES, { error: `one of ${DELIVERY_STATUSES.join(', ')}` }))
    .optional()
    .describe('dead lists the dead letters'),
  alertId: wireList(z.uuid({ error: 'the id of an alert' })).optional(),
  from: timestamp.optional().describe('Enqueued at this time or later'),
  to: timestamp.optional().describe('Enqueued before this time'),
  sort: z
    .enum(['-createdAt', 'createdAt'], { error: '-createdAt (newest first) or createdAt' })
    .default('-createdAt')
    .describe('-createdAt: newest first'),
};
/** Query of the log of one endpoint. */
export const deliveryLogQuerySchema = z.strictObject({ ...logFilter, ...pageQuery(z.uuid()) });

export const deliveriesQuerySchema = z.strictObject({
  ...logFilter,
  endpointId: wireList(z.uuid({ error: 'the id of an endpoint' })).optional(),
  ...pageQuery(z.uuid()),
});
export type DeliveriesQuery = z.output<typeof deliveriesQuerySchema>;

export const deliveryIdSchema = z.uuid({ error: 'the id of a delivery' });

export const retryManySchema = z.strictObject({
  ids: z
    .array(deliveryIdSchema, { error: 'a list of delivery ids' })
    .min(1, { error: 'at least one id' })
    .max(MOST_RETRIED, { error: `at most ${MOST_RETRIED} ids` })
    .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))]),
});
export type RetryMany = z.output<typeof retryManySchema>;

export const retriedSchema = z.object({
  retried: z.int().describe('Number of deliveries that are sent again, with their message ids'),
  items: z.array(
    z.object({
      id: z.uuid(),
      status: z
        .enum(['retried', 'in_flight', 'endpoint_gone', 'not_found'])
        .describe('in_flight: it is being sent. not_found: it does not exist, or you may not see it'),
    }),
  ),
});
export type Retried = z.output<typeof retriedSchema>;

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

publishSchemas({
  DeliveryRetry: retryManySchema,
  RetriedDeliveries: retriedSchema,
  RetriedDelivery: retriedSchema.shape.items.element,
  Delivery: deliverySchema,
  DeliveryAttempt: attemptSchema,
  DeliveryDetail: deliveryDetailSchema,
  DeliveryPage: deliveriesPageSchema,
  DeliveryStatus: deliverySchema.shape.status,
});
