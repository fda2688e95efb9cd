import { DomainError, type ErrorDetails } from '#errors';
import type { ErrorClass } from '#resilience';

/** Refused by policy: the same URL is refused again, so nothing retries it. `code` says what of it. */
export function egressRefused(code: EgressRefusal, message: string): DomainError {
  return classed(new DomainError(code, message, { kind: 'invalid' }), 'client');
}

export type EgressRefusal =
  | 'EGRESS_URL_INVALID'
  | 'EGRESS_SCHEME_REFUSED'
  | 'EGRESS_USERINFO_REFUSED'
  | 'EGRESS_PORT_REFUSED'
  | 'EGRESS_HOST_REFUSED'
  | 'EGRESS_ADDRESS_REFUSED';

/** Whether an error is a refusal by policy, and not a failure of the other side. */
export function isEgressRefused(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code.startsWith('EGRESS_') && error.details.kind === 'invalid';
}

export function unresolved(host: string, cause: unknown): DomainError {
  return failed('EGRESS_HOST_UNRESOLVED', `The name ${host} did not resolve.`, 'refused', cause);
}

export function exchangeTimedOut(host: string, timeoutMs: number): DomainError {
  return failed('EGRESS_TIMED_OUT', `The exchange with ${host} did not end within ${timeoutMs} ms.`, 'timeout');
}

export function exchangeFailed(host: string, errorClass: ErrorClass, cause: unknown): DomainError {
  const code = (cause as { code?: unknown } | undefined)?.code;
  const word = typeof code === 'string' ? code : 'connection broken';
  return failed(
    'EGRESS_FAILED',
    `The exchange with ${host} failed: ${word}.`,
    errorClass === 'unknown' ? 'server' : errorClass,
    cause,
  );
}

export function tooLarge(host: string, maxBytes: number): DomainError {
  return failed('EGRESS_RESPONSE_TOO_LARGE', `${host} answered more than ${maxBytes} bytes.`, 'client');
}

export function badEncoding(host: string, cause: unknown): DomainError {
  return failed('EGRESS_ENCODING_INVALID', `What ${host} answered is not encoded as it says.`, 'server', cause);
}

export function tooManyRedirects(host: string, max: number): DomainError {
  return failed('EGRESS_TOO_MANY_REDIRECTS', `${host} redirected more than ${max} times.`, 'client');
}

/** Messages name the host only: paths of webhooks are secrets (Slack's, Discord's). */
function failed(code: string, message: string, errorClass: ErrorClass, cause?: unknown): DomainError {
  const details: ErrorDetails = { kind: 'unavailable', ...(cause === undefined ? {} : { cause }) };
  return classed(new DomainError(code, message, details), errorClass);
}

function classed(error: DomainError, errorClass: ErrorClass): DomainError {
  return Object.assign(error, { errorClass });
}
