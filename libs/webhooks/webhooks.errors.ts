import { DomainError } from '#errors';

export function webhookNotFound(id: string): DomainError {
  return new DomainError('WEBHOOKS_NOT_FOUND', `There is no webhook ${id} of yours.`, { kind: 'not_found' });
}

/** @param reason of the policy, already free of what it must not say */
export function urlRefused(reason: string, cause: unknown): DomainError {
  return new DomainError('WEBHOOKS_URL_REFUSED', `The URL is refused: ${reason}`, {
    kind: 'invalid',
    errors: [{ field: 'url', allowed: reason }],
    cause,
  });
}

export function tooManyWebhooks(max: number): DomainError {
  return new DomainError('WEBHOOKS_TOO_MANY', `You have ${max} webhooks, which is the most; remove one first.`, {
    kind: 'conflict',
  });
}

export function operatorsOnly(field: 'desk' | 'operator'): DomainError {
  const what = field === 'desk' ? "The desk's own webhooks are made" : 'Operator alerts are sent to webhooks made';
  return new DomainError('WEBHOOKS_OPERATORS_ONLY', `${what} by operators only.`, {
    kind: 'forbidden',
    errors: [{ field, seen: 'true', allowed: 'false, or the role of an operator' }],
  });
}

export function noWebhookKey(): Error {
  return new Error('WEBHOOK_ENCRYPTION_KEY is unset: set 32 bytes in hexadecimal or base64 (openssl rand -base64 32).');
}
