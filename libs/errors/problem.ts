import { STATUS_CODES } from 'node:http';
import { DomainError, type ErrorKind, type FieldIssue } from './domain-error.js';
import type { requestError } from './request-errors.js';

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
  method_not_allowed: [405, 'Method Not Allowed'],
  timeout: [408, 'Request Timeout'],
  conflict: [409, 'Conflict'],
  too_large: [413, 'Content Too Large'],
  url_too_long: [414, 'URI Too Long'],
  unsupported: [415, 'Unsupported Media Type'],
  unprocessable: [422, 'Unprocessable Content'],
  rate_limited: [429, 'Too Many Requests'],
  headers_too_large: [431, 'Request Header Fields Too Large'],
  internal: [500, 'Internal Server Error'],
  unavailable: [503, 'Service Unavailable'],
};

/** HTTP status of each kind of error. */
export function statusOfKind(kind: ErrorKind): number {
  return STATUS[kind][0];
}

/** Codes of errors that no lib made (the framework's, the parser's), by their status. */
const FRAMEWORK_CODES: Record<number, Parameters<typeof requestError>[0]> = {
  400: 'REQUEST_INVALID',
  404: 'ROUTE_NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  413: 'REQUEST_TOO_LARGE',
  414: 'REQUEST_URL_TOO_LONG',
  415: 'REQUEST_MEDIA_TYPE',
  431: 'REQUEST_HEADERS_TOO_LARGE',
};

/** The problem document of any error: ours with its code, the framework's by its status, one neutral sentence for the rest. */
export function problemOf(error: unknown, correlationId: string): Problem {
  if (error instanceof DomainError) {
    const [status, title] = STATUS[error.details.kind];
    const { errors, extra, retryAfterMs } = error.details;
    return {
      ...(extra ?? {}),
      type: 'about:blank',
      title,
      status,
      // Internal errors show the caller nothing but the correlation id; the log has the rest.
      detail: status === 500 ? neutral() : error.message,
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
      detail: neutral(),
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
    code: FRAMEWORK_CODES[status] ?? 'REQUEST_REFUSED',
    correlationId,
  };
}

function neutral(): string {
  return 'The server failed; your request is not at fault. Report the correlation id.';
}

function statusOf(error: unknown): number | undefined {
  const { statusCode, getStatus } = (error ?? {}) as { statusCode?: unknown; getStatus?: () => number };
  if (typeof getStatus === 'function') return getStatus.call(error);
  return typeof statusCode === 'number' ? statusCode : undefined;
}
