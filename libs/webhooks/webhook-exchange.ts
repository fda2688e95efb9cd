import type { Webhook } from 'standardwebhooks';
import type { DeliveryOutcome, MessageFormat, OutgoingDelivery } from '#deliveries';
import { type EgressResponse, retryAfterMs } from '#egress';
import { classifyStatus } from '#resilience';

const USER_AGENT = 'Deskwire-Webhooks/1.0';

/** Returns all headers of a message. */
export function webhookHeaders(
  { messageId, body, correlationId }: OutgoingDelivery,
  { format, signers }: { format: MessageFormat; signers: readonly Webhook[] },
  at: Date,
): Record<string, string> {
  return {
    'content-type': format === 'text' ? 'text/plain; charset=utf-8' : 'application/json',
    'user-agent': USER_AGENT,
    ...signatureHeaders(signers, messageId, at, body),
    ...(correlationId === null ? {} : { 'x-correlation-id': correlationId }),
  };
}

/**
 * Returns the three headers of Standard Webhooks (https://www.standardwebhooks.com). During a rotation both secrets sign, newest
 * first, so a receiver with either of them accepts the message.
 */
export function signatureHeaders(
  signers: readonly Webhook[],
  messageId: string,
  at: Date,
  body: string,
): Record<string, string> {
  return {
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signers.map((signer) => signer.sign(messageId, at, body)).join(' '),
  };
}

/** Only 2xx is a success. 410 disables the endpoint. */
export function outcomeOf({ status, headers, body }: EgressResponse, at: Date, latencyMs: number): DeliveryOutcome {
  const answered = { statusCode: status, latencyMs, responseBody: body.toString('utf8') };
  if (status >= 200 && status < 300) return { kind: 'delivered', ...answered };
  const retryMs = retryAfterMs(headers['retry-after'], at);
  return {
    kind: status === 410 ? 'gone' : 'failed',
    ...answered,
    errorClass: classifyStatus(status),
    error: `HTTP ${status}`,
    ...(retryMs === undefined ? {} : { retryAfterMs: retryMs }),
  };
}
