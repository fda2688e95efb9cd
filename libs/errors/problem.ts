import { STATUS_CODES } from 'node:http';
import { DomainError, type ErrorKind, type FieldIssue } from './domain-error.js';

/** RFC 9457 problem details, with a stable `code` and the correlation id. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  correlationId: string;
  errors?: readonly FieldIssue[];
  [extra: string]: unknown;
}

const STATUS: Record<ErrorKind, [number, string]> = {
  invalid: [400, 'Bad Request'],
  unauthenticated: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  not_found: [404, 'Not Found'],
  conflict: [409, 'Conflict'],
  too_large: [413, 'Content Too Large'],
  unsupported: [415, 'Unsupported Media Type'],
  unprocessable: [422, 'Unprocessable Content'],
  rate_limited: [429, 'Too Many Requests'],
  internal: [500, 'Internal Server Error'],
  unavailable: [503, 'Service Unavailable'],
};

/** Codes of HTTP errors that no lib made: the framework's and the parser's. */
const CODES: Record<number, string> = {
  400: 'REQUEST_INVALID',
  404: 'ROUTE_NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  413: 'REQUEST_TOO_LARGE',
  414: 'REQUEST_URL_TOO_LONG',
  415: 'REQUEST_MEDIA_TYPE',
  431: 'REQUEST_HEADERS_TOO_LARGE',
};

/** The problem document of any error: ours with its code, the framework's by its status, and one bland sentence for the unknown. */
export function problemOf(error: unknown, correlationId: string): Problem {
  if (error instanceof DomainError) {
    const [status, title] = STATUS[error.details.kind];
    const { errors, extra, retryAfterMs } = error.details;
    return {
      ...(extra ?? {}),
      type: 'about:blank',
      title,
      status,
      // A mistake of ours inside says nothing to the caller but where to find it.
      detail: status === 500 ? bland() : error.message,
      code: error.code,
      correlationId,
      ...(errors ? { errors } : {}),
      ...(retryAfterMs !== undefined ? { retryAfterMs } : {}),
    };
  }
  const status = statusOf(error);
  if (status === undefined || status >= 500) {
    return {
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: bland(),
      code: 'INTERNAL_ERROR',
      correlationId,
    };
  }
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    type: 'about:blank',
    title,
    status,
    detail: (error as Error).message,
    code: CODES[status] ?? 'REQUEST_REFUSED',
    correlationId,
  };
}

function bland(): string {
  return 'Something went wrong here; nothing you sent is at fault. Tell us the correlation id.';
}

function statusOf(error: unknown): number | undefined {
  const { statusCode, getStatus } = (error ?? {}) as { statusCode?: unknown; getStatus?: () => number };
  if (typeof getStatus === 'function') return getStatus.call(error);
  return typeof statusCode === 'number' ? statusCode : undefined;
}
