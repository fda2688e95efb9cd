/** What kind of failure of a dependency it was; what to do follows from it. */
export type ErrorClass = 'timeout' | 'refused' | 'rate-limited' | 'client' | 'server' | 'unknown';

const TIMEOUT = /^(ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|57014)$/;
/** Nobody took the call: no address, no listener, no route, or a server that is shutting down (57P01..03, 53300). */
const REFUSED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL|57P0[123]|53300)$/;
/** It took the call and broke it. */
const BROKEN =
  /^(ECONNRESET|ECONNABORTED|EPIPE|EPROTO|UND_ERR_SOCKET|UND_ERR_(REQ|RES)_CONTENT_LENGTH_MISMATCH|UND_ERR_DESTROYED|UND_ERR_CLOSED|HPE_\w+)$/;
const KINDS: Readonly<Record<string, ErrorClass>> = {
  rate_limited: 'rate-limited',
  unavailable: 'server',
  internal: 'unknown',
};
const CAUSES = 6;

interface Seen {
  errorClass?: unknown;
  name?: unknown;
  code?: unknown;
  status?: unknown;
  statusCode?: unknown;
  details?: { kind?: unknown };
  cause?: unknown;
  errors?: unknown;
  /** cockatiel's mark of its timeout; the name of that error is `Error`. */
  isTaskCancelledError?: unknown;
}

/**
 * Tells by the error itself, then by what caused it: its own `errorClass`, a system's, undici's or PostgreSQL's code, an HTTP
 * status, the kind of a DomainError. Never throws; what nothing is known of is `unknown`.
 */
export function classifyError(error: unknown): ErrorClass {
  let seen = error;
  for (let depth = 0; depth < CAUSES && typeof seen === 'object' && seen !== null; depth += 1) {
    const found = ofOne(seen);
    if (found !== undefined) return found;
    // node's "happy eyeballs" tries several addresses: the errors of the attempts are inside, the outer one says nothing.
    const { cause, errors } = seen as Seen;
    seen = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return 'unknown';
}

/** The class of an HTTP status that is no success. 408 and 425 ask for another try; 3xx cannot be helped by one. */
export function classifyStatus(status: number): ErrorClass {
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return 'rate-limited';
  if (status === 425 || status >= 500) return 'server';
  return status >= 300 ? 'client' : 'unknown';
}

/** Whether another try can help. What the caller did wrong stays wrong; what nothing is known of may be a fault of our own. */
export function isRetryable(errorClass: ErrorClass): boolean {
  return errorClass !== 'client' && errorClass !== 'unknown';
}

/** Whether it speaks against the dependency's health: an answer that blames the caller shows that it is alive. */
export function countsAgainst(errorClass: ErrorClass): boolean {
  return errorClass !== 'client';
}

function ofOne(seen: object): ErrorClass | undefined {
  const { errorClass, name, code, status, statusCode, details, isTaskCancelledError } = seen as Seen;
  if (isErrorClass(errorClass)) return errorClass;
  if (typeof code === 'string') {
    if (TIMEOUT.test(code)) return 'timeout';
    if (REFUSED.test(code)) return 'refused';
    if (BROKEN.test(code) || /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code)) return 'server';
  }
  if (name === 'TimeoutError' || isTaskCancelledError === true) return 'timeout';
  const http = [status, statusCode].find((value) => typeof value === 'number' && value >= 300 && value <= 599);
  if (http !== undefined) return classifyStatus(http as number);
  const kind = details?.kind;
  if (typeof kind === 'string') return KINDS[kind] ?? 'client';
  return undefined;
}

function isErrorClass(value: unknown): value is ErrorClass {
  return (
    value === 'timeout' ||
    value === 'refused' ||
    value === 'rate-limited' ||
    value === 'client' ||
    value === 'server' ||
    value === 'unknown'
  );
}
