/** The class of a dependency's failure. It decides about retries and breakers. */
export type ErrorClass = 'timeout' | 'refused' | 'rate-limited' | 'client' | 'server' | 'unknown';

const TIMEOUT = /^(ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|57014)$/;
/** No server accepted the call: no address, no listener, no route, or a server that shuts down or is full (57P01..03, 53300). */
const REFUSED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL|57P0[123]|53300)$/;
/** The server accepted the call and broke the connection. */
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
  /** Property by which cockatiel marks its timeout error, whose name is `Error`. */
  isTaskCancelledError?: unknown;
}

/**
 * Returns the class of an error, or of its cause: from its `errorClass`, the code of the system, undici or PostgreSQL, an HTTP
 * status, or the kind of a DomainError. Never throws. Any other error is `unknown`.
 */
export function classifyError(error: unknown): ErrorClass {
  let seen = error;
  for (let depth = 0; depth < CAUSES && typeof seen === 'object' && seen !== null; depth += 1) {
    const found = ofOne(seen);
    if (found !== undefined) return found;
    // Node tries several addresses ("happy eyeballs"). Only the inner errors of the attempts have a code.
    const { cause, errors } = seen as Seen;
    seen = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  return 'unknown';
}

/** Returns the class of an HTTP status other than 2xx. 408 and 425 can be retried, 3xx cannot. */
export function classifyStatus(status: number): ErrorClass {
  if (status === 408 || status === 504) return 'timeout';
  if (status === 429) return 'rate-limited';
  if (status === 425 || status >= 500) return 'server';
  return status >= 300 ? 'client' : 'unknown';
}

/** Whether a retry can help. It cannot if the caller is wrong. An unknown error may be a fault of our own code. */
export function isRetryable(errorClass: ErrorClass): boolean {
  return errorClass !== 'client' && errorClass !== 'unknown';
}

/** Whether the failure counts against the dependency. An answer that blames the caller shows that the dependency works. */
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
