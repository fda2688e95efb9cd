import type { Webhook } from 'standardwebhooks';

/**
 * The three headers of Standard Webhooks (https://www.standardwebhooks.com). During a rotation every live secret signs, newest
 * first: a receiver that knows either one accepts.
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
