import { defineErrors } from '#errors';

const throttlingError = defineErrors({
  THROTTLING_LIMITED: {
    kind: 'rate_limited',
    meaning: 'The caller has reached the request limit of this class of routes.',
    fix: 'Wait for the time in `Retry-After`; `RateLimit` shows the remaining requests.',
  },
  THROTTLING_AT_ONCE: {
    kind: 'rate_limited',
    meaning:
      'The caller has the maximum number of requests of this class in progress: writes, bulk writes or costly reads.',
    fix: 'Wait for the answers in progress, or for the time in `Retry-After`.',
  },
});

export const tooManyAtOnce = (name: string, running: number, waiting: number) =>
  throttlingError(
    'THROTTLING_AT_ONCE',
    `Limit of concurrent ${name} requests reached (${running} run and ${waiting} wait per user). Retry after 1 s.`,
    { retryAfterMs: 1_000, extra: { 'violated-policies': [name] } },
  );

export const limited = (rateClass: string, limit: number, windowMs: number, retryAfterMs: number) =>
  throttlingError(
    'THROTTLING_LIMITED',
    `Request limit reached (${limit} ${rateClass} requests per ${windowMs / 1000} s). Retry after ${Math.ceil(retryAfterMs / 1000)} s.`,
    // The member has the name that the draft's quota-exceeded problem type gives it.
    { retryAfterMs, extra: { 'violated-policies': [rateClass] } },
  );
