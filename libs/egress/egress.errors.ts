import { defineErrors, DomainError } from '#errors';
import type { ErrorClass } from '#resilience';

const refused = (meaning: string) =>
  ({
    kind: 'invalid',
    meaning,
    fix: 'Use a public https address, or have an operator allow the host in `EGRESS_ALLOW_HOSTS`.',
  }) as const;
const failedExchange = (meaning: string) =>
  ({ kind: 'unavailable', meaning, fix: 'Check the other server. Deskwire retries where that is safe.' }) as const;

const egressError = defineErrors({
  EGRESS_URL_INVALID: refused('The URL cannot be parsed.'),
  EGRESS_SCHEME_REFUSED: refused('The URL has a scheme that is not allowed.'),
  EGRESS_USERINFO_REFUSED: refused('The URL contains a user name or password.'),
  EGRESS_PORT_REFUSED: refused('The port belongs to another protocol.'),
  EGRESS_HOST_REFUSED: refused('The host name is not allowed.'),
  EGRESS_ADDRESS_REFUSED: refused('The host resolves to a private or reserved address.'),
  EGRESS_HOST_UNRESOLVED: failedExchange('The host name did not resolve.'),
  EGRESS_TIMED_OUT: failedExchange('The request did not end in time.'),
  EGRESS_FAILED: failedExchange('The connection to the host failed.'),
  EGRESS_RESPONSE_TOO_LARGE: failedExchange('The response is larger than allowed.'),
  EGRESS_RESPONSE_INFLATES: failedExchange('The response exceeds the allowed decompression ratio.'),
  EGRESS_ENCODING_INVALID: failedExchange('The encoding of the response differs from its headers.'),
  EGRESS_TOO_MANY_REDIRECTS: failedExchange('The host redirected too often.'),
});

/** Refused by policy: the same URL is refused again, so nothing retries it. */
export function egressRefused(code: EgressRefusal, message: string): DomainError {
  return classed(egressError(code, message), 'client');
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
  const reason = typeof code === 'string' ? code : 'connection broken';
  return failed(
    'EGRESS_FAILED',
    `The exchange with ${host} failed: ${reason}.`,
    errorClass === 'unknown' ? 'server' : errorClass,
    cause,
  );
}

export function tooLarge(host: string, maxBytes: number): DomainError {
  return failed('EGRESS_RESPONSE_TOO_LARGE', `${host} answered more than ${maxBytes} bytes.`, 'client');
}

export function inflatesTooMuch(
  host: string,
  { packed, unpacked, allowed }: { packed: number; unpacked: number; allowed: number },
): DomainError {
  return failed(
    'EGRESS_RESPONSE_INFLATES',
    `${host} answered ${packed} bytes that unpack to ${unpacked} or more. At most ${allowed} times is read.`,
    'client',
  );
}

export function badEncoding(host: string, cause: unknown): DomainError {
  return failed(
    'EGRESS_ENCODING_INVALID',
    `The answer of ${host} is not encoded as its headers declare.`,
    'server',
    cause,
  );
}

export function tooManyRedirects(host: string, max: number): DomainError {
  return failed('EGRESS_TOO_MANY_REDIRECTS', `${host} redirected more than ${max} times.`, 'client');
}

/** Messages name the host only: paths of webhooks are secrets (Slack's, Discord's). */
function failed(
  code: Parameters<typeof egressError>[0],
  message: string,
  errorClass: ErrorClass,
  cause?: unknown,
): DomainError {
  return classed(egressError(code, message, cause === undefined ? {} : { cause }), errorClass);
}

function classed(error: DomainError, errorClass: ErrorClass): DomainError {
  return Object.assign(error, { errorClass });
}
