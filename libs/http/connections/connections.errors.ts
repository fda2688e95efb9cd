import { defineErrors } from '#errors';

const httpError = defineErrors({
  HTTP_CONNECTIONS_SPENT: {
    kind: 'unavailable',
    meaning: 'The process has its maximum number of connections, and none of them is idle.',
    fix: 'Connect again after `retryAfterMs`.',
  },
  HTTP_ADDRESS_CONNECTIONS_SPENT: {
    kind: 'rate_limited',
    meaning:
      'The address has the maximum number of connections without a signed-in caller (behind a trusted proxy: of concurrent requests).',
    fix: 'Close connections or wait for answers, or try again after `retryAfterMs`.',
  },
});

const RETRY_MS = 1_000;

/** @param limit the allowed number */
export const connectionsSpent = (limit: number) =>
  httpError('HTTP_CONNECTIONS_SPENT', `Connection limit reached (${limit} per process). Retry after ${RETRY_MS} ms.`, {
    retryAfterMs: RETRY_MS,
  });

/** @param what `connections` or `concurrent requests` */
export const addressSpent = (what: string, limit: number) =>
  httpError(
    'HTTP_ADDRESS_CONNECTIONS_SPENT',
    `Limit reached (${limit} ${what} per address without a signed-in caller). Retry after ${RETRY_MS} ms.`,
    { retryAfterMs: RETRY_MS },
  );
