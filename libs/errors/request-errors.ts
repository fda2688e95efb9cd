import { defineErrors } from './error-catalogue.js';

/** Codes of a request that no lib in particular refuses; the framework's own refusals get one by their status. */
export const requestError = defineErrors({
  REQUEST_INVALID: {
    kind: 'invalid',
    meaning: 'The request does not match its schema.',
    fix: 'Correct the fields listed in `errors`. Each entry has the field, the received value and the allowed values.',
  },
  REQUEST_TIMEOUT: {
    kind: 'timeout',
    meaning: 'The request did not arrive completely in time.',
    fix: 'Send it again, on a faster connection or in smaller parts.',
  },
  REQUEST_TOO_LARGE: {
    kind: 'too_large',
    meaning: 'The body is larger than this operation accepts.',
    fix: 'Send less at once; the detail names the limit.',
  },
  REQUEST_URL_TOO_LONG: {
    kind: 'url_too_long',
    meaning: 'The URL is too long.',
    fix: 'Shorten the query.',
  },
  REQUEST_MEDIA_TYPE: {
    kind: 'unsupported',
    meaning: 'The body has a content type that this operation does not accept.',
    fix: 'Send `Content-Type: application/json` in UTF-8, unless the operation documents another type.',
  },
  REQUEST_HEADERS_TOO_LARGE: {
    kind: 'headers_too_large',
    meaning: 'The headers are too large.',
    fix: 'Send fewer or shorter headers.',
  },
  REQUEST_REFUSED: {
    kind: 'invalid',
    meaning: 'The server cannot process the request as HTTP.',
    fix: 'See the detail.',
  },
  ROUTE_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'There is no such path.',
    fix: 'Check the path against `/openapi.json`.',
  },
  METHOD_NOT_ALLOWED: {
    kind: 'method_not_allowed',
    meaning: 'The path does not support this method.',
    fix: 'Use a method of the `Allow` header.',
  },
  INTERNAL_ERROR: {
    kind: 'internal',
    meaning: 'The server failed. The request is not at fault.',
    fix: 'Report the correlation id; the log has the cause.',
  },
});
