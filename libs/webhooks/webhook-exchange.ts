import type { Webhook } from 'standardwebhooks';
import type { DeliveryOutcome, Lane, OutgoingDelivery } from '#deliveries';
import { type EgressResponse, retryAfterMs } from '#egress';
import { classifyStatus } from '#resilience';
import type { WebhookTarget } from './endpoints/webhook-targets.js';
import { goneReason, pauseInBody } from './gone-answers.js';

const USER_AGENT = 'Deskwire-Webhooks/1.0';

/**
 * Returns the body as it is sent. Telegram's `sendMessage` takes the chat in the body; the endpoint has it in the query of its URL
 * (`chat_id`, and `message_thread_id` for a topic), so that one body serves all endpoints of a format.
 */
export function sentBody(
  { body }: Pick<OutgoingDelivery, 'body'>,
  { format, url }: Pick<WebhookTarget, 'format' | 'url'>,
) {
  if (format !== 'telegram') return body;
  const query = new URL(url).searchParams;
  const chat = ['chat_id', 'message_thread_id'].flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  try {
    return JSON.stringify({ ...Object.fromEntries(chat), ...(JSON.parse(body) as object) });
  } catch {
    // A message from before the format of the endpoint changed.
    return body;
  }
}

/** Returns all headers of a message. Those of the endpoint never replace one that a message has by itself. */
export function webhookHeaders(
  { messageId, body, correlationId }: OutgoingDelivery,
  { format, headers, signers }: Pick<WebhookTarget, 'format' | 'headers' | 'signers'>,
  at: Date,
): Record<string, string> {
  return {
    ...headers,
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

/** Only 2xx is a success. 410, and the permanent answers of known receivers, disable the endpoint. */
export function outcomeOf(
  { status, headers, body }: EgressResponse,
  format: Lane['format'],
  at: Date,
  latencyMs: number,
): DeliveryOutcome {
  const text = body.toString('utf8');
  const answered = { statusCode: status, latencyMs, responseBody: text };
  if (status >= 200 && status < 300) return { kind: 'delivered', ...answered };
  const retryMs = retryAfterMs(headers['retry-after'], at) ?? pauseInBody(format, text);
  const gone = goneReason(format, status, text);
  return {
    kind: gone === undefined ? 'failed' : 'gone',
    ...answered,
    errorClass: classifyStatus(status),
    error: gone === undefined || gone === `HTTP ${status}` ? `HTTP ${status}` : `HTTP ${status}: ${gone}`,
    ...(retryMs === undefined ? {} : { retryAfterMs: retryMs }),
  };
}
