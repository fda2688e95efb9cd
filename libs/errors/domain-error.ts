/** What kind of failure it is; the HTTP status follows from it. */
export type ErrorKind =
  | 'invalid' // 400
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not_found' // 404
  | 'method_not_allowed' // 405
  | 'timeout' // 408
  | 'conflict' // 409
  | 'too_large' // 413
  | 'url_too_long' // 414
  | 'unsupported' // 415
  | 'unprocessable' // 422
  | 'rate_limited' // 429
  | 'headers_too_large' // 431
  | 'internal' // 500
  | 'unavailable'; // 503

/** One field of a request that is wrong. */
export interface FieldIssue {
  /** Path, e.g. `snapshots[3].positions[0].quantity`. */
  field: string;
  /** The received value, shortened. Absent for secrets. */
  seen?: string;
  /** The allowed values. */
  allowed: string;
}

export interface ErrorDetails {
  kind: ErrorKind;
  /** When trying again may help; becomes `Retry-After` (seconds, rounded up). */
  retryAfterMs?: number;
  errors?: readonly FieldIssue[];
  /** Further members of the problem document, JSON-safe and free of secrets. */
  extra?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/**
 * The error that every lib throws, created by the function that `defineErrors` returns. `code` never changes its
 * meaning. `message` states the problem, its place and the fix. Two filters map it: HTTP (problem+json) and socket (the
 * same document in the acknowledgement).
 */
export class DomainError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly details: ErrorDetails,
  ) {
    super(message, { cause: details.cause });
    this.name = 'DomainError';
  }
}
