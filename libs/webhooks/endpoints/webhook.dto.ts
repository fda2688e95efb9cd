import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { type deliveriesPageSchema, MESSAGE_FORMATS } from '#deliveries';
import { BY_ID, wireList, wireOrder, wireText } from '#text';
import { timestamp } from '#time';
import { pageOf, pageQuery } from '#http';
import { ENDPOINT_STATES } from './endpoint-health.js';
import { broughtSecret } from './signing-secret.js';
import { basicAuthSchema, headersSchema, oneAuthorization } from './webhook-headers.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';

const SEVERITIES = ['info', 'warning', 'critical'] as const;
const iso = z.iso.datetime();

const url = wireText(2_048).describe(
  'An https: URL of a public host. http: and internal hosts only if the desk allows them',
);
const description = wireText(200, 0);
const format = z
  .enum(MESSAGE_FORMATS, { error: `one of ${MESSAGE_FORMATS.join(', ')}` })
  .describe('Format of the messages');
const operator = z.boolean({ error: 'true or false' }).describe('Also receives operator alerts. Operators only');
const minSeverity = z
  .enum(SEVERITIES, { error: `one of ${SEVERITIES.join(', ')}, or null` })
  .nullable()
  .describe('Minimum severity of sent alerts. null: all');
const concurrency = z
  .int({ error: 'a whole number from 1 to 100' })
  .min(1, { error: 'a whole number from 1 to 100' })
  .max(100, { error: 'a whole number from 1 to 100' });
const RATE = 'a number above 0, at most 10000, or null';
const ratePerSecond = z
  .number({ error: RATE })
  .gt(0, { error: RATE })
  .max(10_000, { error: RATE })
  .nullable()
  .describe('null: no limit');

const SECRET = 'base64 of 24 to 64 bytes, with or without whsec_';
const secret = z
  .string({ error: SECRET })
  .max(200, { error: SECRET })
  .transform((given, context): string => {
    const brought = broughtSecret(given);
    if (brought === undefined) context.issues.push({ code: 'custom', message: SECRET, input: given });
    return brought ?? z.NEVER;
  })
  .describe('Signing secret that the receiver has already. Default: a new one');

export const createWebhookSchema = z
  .strictObject({
    url,
    description: description.default(''),
    format: format.default('generic'),
    desk: z
      .boolean({ error: 'true or false' })
      .default(false)
      .describe('Belongs to the desk instead of the caller. Operators only'),
    operator: operator.default(false),
    minSeverity: minSeverity.default(null),
    concurrency: concurrency.optional().describe('Maximum number of concurrent sends. Default: 10'),
    ratePerSecond: ratePerSecond.default(null),
    secret: secret.optional(),
    headers: headersSchema.optional(),
    basicAuth: basicAuthSchema.optional(),
  })
  .refine(...oneAuthorization);
export type CreateWebhook = z.output<typeof createWebhookSchema>;

export const changeWebhookSchema = z
  .strictObject({
    url,
    description,
    format,
    operator,
    minSeverity,
    concurrency,
    ratePerSecond,
    headers: headersSchema.nullable().describe('Replaces all headers, also those of basicAuth. null or {}: none'),
    basicAuth: basicAuthSchema.nullable().describe('Replaces all headers. null: none'),
    enabled: z.boolean({ error: 'true or false' }).describe('false is the same as /pause, true the same as /enable'),
  })
  .partial()
  .refine(...oneAuthorization);
export type ChangeWebhook = z.output<typeof changeWebhookSchema>;

const waitingSchema = z.object({
  pending: z.number().int().describe('Due now or later, or being sent'),
  held: z.number().int().describe('Kept until the webhook is enabled'),
});

export const webhookSchema = z.object({
  id: z.uuid(),
  userId: z.uuid().nullable().describe('null for an endpoint of the desk'),
  url: z.string().describe('The owner reads all of it. Other callers read the origin with a masked path'),
  description: z.string(),
  format: z.enum(MESSAGE_FORMATS),
  operator: z.boolean(),
  minSeverity: z.enum(SEVERITIES).nullable(),
  concurrency: z.number().int(),
  ratePerSecond: z.number().nullable(),
  headerNames: z.array(z.string()).describe('Names of its headers. Their values are never shown'),
  waiting: waitingSchema.describe('Deliveries that wait. A pause holds them, and removing the webhook cancels them'),
  state: z.enum(ENDPOINT_STATES),
  stateReason: z.enum(['failing', 'gone', 'paused']).nullable(),
  stateSince: iso,
  failingSince: iso.nullable().describe('Start of a period with failures only'),
  probeAt: iso.nullable().describe('Time of the next probe, while disabled for failures'),
  createdAt: iso,
  updatedAt: iso,
});
export type WebhookJson = z.output<typeof webhookSchema>;

export const removedWebhookSchema = z.object({
  id: z.uuid(),
  cancelled: waitingSchema.describe('Deliveries that waited and are not sent'),
});
export type RemovedWebhook = z.output<typeof removedWebhookSchema>;

export const newWebhookSchema = webhookSchema.extend({ secret: z.string().describe('whsec_.. Shown only once') });
export type NewWebhookJson = z.output<typeof newWebhookSchema>;

export const webhooksPageSchema = pageOf(webhookSchema);
export type WebhooksPage = z.output<typeof webhooksPageSchema>;
export const webhookOrder = wireOrder(
  { createdAt: BY_ID, description, state: z.string().regex(/^\d$/), stateSince: timestamp },
  'createdAt',
);
export const webhooksQuerySchema = z
  .strictObject({
    userId: z.uuid({ error: 'the id of a user' }).optional().describe('Owner; for operators'),
    state: wireList(z.enum(ENDPOINT_STATES, { error: `one of ${ENDPOINT_STATES.join(', ')}` })).optional(),
    sort: webhookOrder.sort.describe(`- for descending. By state: ${ENDPOINT_STATES.join(', ')}`),
    ...pageQuery(webhookOrder.key(z.uuid())),
  })
  .refine(...webhookOrder.sameOrder);
export type WebhooksQuery = z.output<typeof webhooksQuerySchema>;

export const rotatedSecretSchema = z.object({
  secret: z.string().describe('whsec_.. Shown only once'),
  previousUntil: iso.describe('Until then the old secret signs too'),
});
export type RotatedSecret = z.output<typeof rotatedSecretSchema>;

export const testResultSchema = z.object({
  delivered: z.boolean(),
  messageId: z.string(),
  statusCode: z.number().int().nullable(),
  latencyMs: z.number().int(),
  errorClass: z.string().nullable(),
  error: z.string().nullable(),
  responseBody: z.string().nullable().describe('First 1,024 characters of the answer'),
});
export type TestResult = z.output<typeof testResultSchema>;

export const replaySchema = z
  .strictObject({ from: timestamp, to: timestamp })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { path: ['to'], error: 'a time after `from`' });
export type ReplayWindow = z.output<typeof replaySchema>;
export const replayedSchema = z.object({
  replayed: z.number().int().describe('Number of deliveries that are sent again, with their message ids'),
});
export type Replayed = z.output<typeof replayedSchema>;

export const healthQuerySchema = z.strictObject({
  minutes: z.coerce
    .number({ error: 'a whole number from 1 to 10080' })
    .int({ error: 'a whole number from 1 to 10080' })
    .min(1, { error: 'a whole number from 1 to 10080' })
    .max(10_080, { error: 'a whole number from 1 to 10080' })
    .default(60),
});
export type HealthQuery = z.output<typeof healthQuerySchema>;

export const webhookHealthSchema = z.object({
  state: z.enum(ENDPOINT_STATES),
  stateReason: z.enum(['failing', 'gone', 'paused']).nullable(),
  stateSince: iso,
  failingSince: iso.nullable(),
  probeAt: iso.nullable(),
  mode: z
    .enum(['normal', 'held', 'probing', 'recovering'])
    .describe('held: deliveries wait. probing: one is sent. recovering: held ones are sent in order'),
  circuit: z.enum(['closed', 'open', 'half-open']).describe('open: no delivery is sent until the next trial'),
  pending: z.number().int(),
  held: z.number().int().describe('Deliveries held while it is disabled'),
  heldMax: z.number().int().describe('Maximum number of held deliveries. Further ones become dead letters'),
  dead: z.number().int(),
  sent: z.number().int().describe('Attempts in the requested minutes'),
  failed: z.number().int(),
  successPercent: z.number().nullable(),
  minutes: z.array(
    z.object({
      minute: iso,
      sent: z.number().int(),
      failed: z.number().int(),
      latencyMsMean: z.number(),
      latencyMsMax: z.number().int(),
    }),
  ),
});
export type WebhookHealthJson = z.output<typeof webhookHealthSchema>;

export type WebhookDeliveriesPage = z.output<typeof deliveriesPageSchema>;

export const webhookIdSchema = z.uuid({ error: 'the id of a webhook' });

/** @param url the part of it that the caller may read */
export function webhookJson(endpoint: WebhookEndpoint, url: string, waiting: WebhookJson['waiting']): WebhookJson {
  const {
    sealedPath: _path,
    sealedHeaders: _headers,
    stateSince,
    failingSince,
    probeAt,
    createdAt,
    updatedAt,
    ...rest
  } = endpoint;
  return {
    ...rest,
    url,
    waiting: { pending: waiting.pending, held: waiting.held },
    stateSince: stateSince.toISOString(),
    failingSince: failingSince?.toISOString() ?? null,
    probeAt: probeAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

publishSchemas({
  CreatedWebhook: newWebhookSchema,
  MessageFormat: webhookSchema.shape.format,
  NewWebhook: createWebhookSchema,
  RemovedWebhook: removedWebhookSchema,
  ReplayWindow: replaySchema,
  Replayed: replayedSchema,
  RotatedSecret: rotatedSecretSchema,
  WaitingDeliveries: waitingSchema,
  Webhook: webhookSchema,
  WebhookChange: changeWebhookSchema,
  WebhookHealth: webhookHealthSchema,
  WebhookMinute: webhookHealthSchema.shape.minutes.element,
  WebhookPage: webhooksPageSchema,
  WebhookState: webhookSchema.shape.state,
  WebhookStateReason: webhookSchema.shape.stateReason.unwrap(),
  WebhookTestResult: testResultSchema,
});
