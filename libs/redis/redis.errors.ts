import { defineErrors } from '#errors';

const redisError = defineErrors({
  REDIS_UNAVAILABLE: {
    kind: 'unavailable',
    meaning: 'Redis did not answer, and what was asked needs it.',
    fix: 'Retry after the time in `Retry-After`; operators see `redis` in `GET /health` and `GET /v1/system/breakers`.',
  },
});

export const redisUnavailable = (cause?: unknown) =>
  redisError('REDIS_UNAVAILABLE', 'Redis does not answer. Try again later.', { retryAfterMs: 1_000, cause });
