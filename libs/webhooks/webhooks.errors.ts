import { defineErrors } from '#errors';

const webhooksError = defineErrors({
  WEBHOOKS_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The webhook does not exist, or you may not see it.',
    fix: 'List your webhooks with `GET /v1/webhooks`.',
  },
  WEBHOOKS_URL_REFUSED: {
    kind: 'invalid',
    meaning: 'Messages may not be sent to this URL.',
    fix: 'Use a public https address. Operators can allow internal hosts in `EGRESS_ALLOW_HOSTS`.',
  },
  WEBHOOKS_TOO_MANY: {
    kind: 'conflict',
    meaning: 'You have the maximum number of webhooks.',
    fix: 'Delete a webhook first.',
  },
  WEBHOOKS_HEADERS_NEEDED: {
    kind: 'invalid',
    meaning: 'The new URL has another host, and the headers of the webhook are secrets of the old one.',
    fix: 'Send `headers` (or `basicAuth`) with the URL: those of the new host, or null to send none.',
  },
  WEBHOOKS_OPERATORS_ONLY: {
    kind: 'forbidden',
    meaning: "Only operators create the desk's webhooks and webhooks for operator alerts.",
    fix: 'Omit `desk` and `operator`.',
  },
});

export const webhookNotFound = (id: string) =>
  webhooksError('WEBHOOKS_NOT_FOUND', `There is no webhook ${id} that you may see.`);

/** @param reason reason of the refusal, without secrets */
export const urlRefused = (reason: string, cause: unknown) =>
  webhooksError('WEBHOOKS_URL_REFUSED', `The URL is refused: ${reason}`, {
    errors: [{ field: 'url', allowed: reason }],
    cause,
  });

export const headersNeeded = (names: readonly string[]) =>
  webhooksError(
    'WEBHOOKS_HEADERS_NEEDED',
    'The URL has another host. Give the headers of the new host in the same change, or null to send none.',
    {
      errors: [
        { field: 'headers', seen: `kept: ${names.join(', ')}`, allowed: 'the headers of the new host, or null' },
      ],
    },
  );

export const tooManyWebhooks = (max: number) =>
  webhooksError('WEBHOOKS_TOO_MANY', `You have ${max} webhooks, the maximum. Delete one first.`);

export const operatorsOnly = (field: 'desk' | 'operator') =>
  webhooksError(
    'WEBHOOKS_OPERATORS_ONLY',
    field === 'desk'
      ? "Only operators create the desk's webhooks."
      : 'Only operators create webhooks for operator alerts.',
    { errors: [{ field, seen: 'true', allowed: 'false, or the role of an operator' }] },
  );

export function noWebhookKey(): Error {
  return new Error(
    'WEBHOOK_ENCRYPTION_KEY is not set. Set it to 32 bytes in hexadecimal or base64 (openssl rand -base64 32).',
  );
}
