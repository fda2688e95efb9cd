import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { defineEvent } from '#events';
import { ENDPOINT_STATES } from './endpoints/endpoint-health.js';

const moved = z.strictObject({
  endpointId: z.uuid(),
  /** Host of the endpoint. The path of a webhook is often its secret. */
  host: z.string(),
  from: z.enum(ENDPOINT_STATES),
  to: z.enum(ENDPOINT_STATES),
  reason: z.enum(['failing', 'gone', 'paused', 'probe', 'enabled', 'succeeding']),
  failingSince: z.iso.datetime().nullable(),
  /** Time of the change. It makes each change a separate event for dedupe windows. */
  since: z.iso.datetime(),
  sent: z.number().int().nullable(),
  failed: z.number().int().nullable(),
});
export type EndpointMoved = z.output<typeof moved>;
publishSchemas({ WebhookMovedPayload: moved });

/** Too many attempts fail. Messages are still sent. */
export const WebhookDegraded = defineEvent('WebhookDegraded', 1, moved, { operator: true, severity: 'warning' });
/** Later deliveries are held: the endpoint failed for long, is gone, or was paused. */
export const WebhookDisabled = defineEvent('WebhookDisabled', 1, moved, { operator: true, severity: 'critical' });
/** The endpoint is healthy again, by its attempts, a probe, or manually. Held deliveries are sent in order. */
export const WebhookRecovered = defineEvent('WebhookRecovered', 1, moved, { operator: true, severity: 'info' });
/** A disabled endpoint is probed with one delivery. */
export const WebhookProbed = defineEvent(
  'WebhookProbed',
  1,
  z.strictObject({ endpointId: z.uuid(), host: z.string(), disabledSince: z.iso.datetime() }),
  {
    operator: true,
    severity: 'info',
  },
);

/** A delivery became a dead letter: its attempts are used up, or the endpoint is gone. It can be retried manually. */
export const DeliveryDeadLettered = defineEvent(
  'DeliveryDeadLettered',
  1,
  z.strictObject({
    endpointId: z.uuid(),
    /** Null if the endpoint was removed meanwhile. */
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
publishSchemas({ WebhookPayload: about });
export const WebhookAdded = defineEvent('WebhookAdded', 1, about);
defineEvent('WebhookChanged', 1, about);
/** An event of the owner, also when an operator made the change: `byOwner` is false then. */
export const WebhookChanged = defineEvent(
  'WebhookChanged',
  2,
  about.extend({
    byOwner: z.boolean(),
    /** Names of the settings that were given. */
    changed: z.array(z.string()),
    /** The host before the change. */
    fromHost: z.string(),
  }),
);
export const WebhookRemoved = defineEvent('WebhookRemoved', 1, about);
/** The old secret also signs until then. */
const rotated = about.extend({ previousUntil: z.iso.datetime() });
defineEvent('WebhookSecretRotated', 1, rotated);
/** An event of the owner, also when an operator made the secret: `byOwner` is false then. */
export const WebhookSecretRotated = defineEvent('WebhookSecretRotated', 2, rotated.extend({ byOwner: z.boolean() }));
