import { z } from 'zod';
import { defineEvent } from '#events';
import { ENDPOINT_STATES } from './endpoints/endpoint-health.js';

const moved = z.strictObject({
  endpointId: z.uuid(),
  /** The host only: the path of a webhook is often its secret. */
  host: z.string(),
  from: z.enum(ENDPOINT_STATES),
  to: z.enum(ENDPOINT_STATES),
  reason: z.enum(['failing', 'gone', 'paused', 'probe', 'enabled', 'succeeding']),
  failingSince: z.iso.datetime().nullable(),
  /** When it moved: each move is news, however soon after the last. */
  since: z.iso.datetime(),
  sent: z.number().int().nullable(),
  failed: z.number().int().nullable(),
});
export type EndpointMoved = z.output<typeof moved>;

/** Too many of its attempts fail; all are still made. */
export const WebhookDegraded = defineEvent('WebhookDegraded', 1, moved, { operator: true, severity: 'warning' });
/** From now on what is meant for it is held: it failed for long, answered 410, or was paused. */
export const WebhookDisabled = defineEvent('WebhookDisabled', 1, moved, { operator: true, severity: 'critical' });
/** It is healthy again, by its attempts, a probe, or by hand; what was held goes out in order. */
export const WebhookRecovered = defineEvent('WebhookRecovered', 1, moved, { operator: true, severity: 'info' });
/** A disabled one is tried with one delivery. */
export const WebhookProbed = defineEvent(
  'WebhookProbed',
  1,
  z.strictObject({ endpointId: z.uuid(), host: z.string(), disabledSince: z.iso.datetime() }),
  {
    operator: true,
    severity: 'info',
  },
);

/** A delivery was given up: its attempts are used up, or the endpoint answered 410. It can be retried by hand. */
export const DeliveryDeadLettered = defineEvent(
  'DeliveryDeadLettered',
  1,
  z.strictObject({
    endpointId: z.uuid(),
    /** Null: the endpoint was removed meanwhile. */
    host: z.string().nullable(),
    deliveryId: z.uuid(),
    alertId: z.uuid().nullable(),
    messageId: z.string(),
    attempts: z.number().int(),
    statusCode: z.number().int().nullable(),
    error: z.string().nullable(),
  }),
  { operator: true, severity: 'warning' },
);

const about = z.strictObject({ endpointId: z.uuid(), host: z.string(), by: z.uuid() });
export const WebhookAdded = defineEvent('WebhookAdded', 1, about);
export const WebhookChanged = defineEvent('WebhookChanged', 1, about);
export const WebhookRemoved = defineEvent('WebhookRemoved', 1, about);
/** The old secret signs along until then. */
export const WebhookSecretRotated = defineEvent(
  'WebhookSecretRotated',
  1,
  about.extend({ previousUntil: z.iso.datetime() }),
);
