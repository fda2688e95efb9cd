import { defineErrors } from '#errors';

const throttlingError = defineErrors({
  THROTTLING_LIMITED: {
    kind: 'rate_limited',
    meaning: 'The caller has reached the request limit of this class of routes.',
    fix: 'Wait for the time in `Retry-After`; `RateLimit` shows what is left.',
  },
});

export const limited = (rateClass: string, limit: number, windowMs: number, retryAfterMs: number) =>
  throttlingError(
    'THROTTLING_LIMITED',
    `Request limit reached (${limit} ${rateClass} requests per ${windowMs / 1000} s). Retry after ${Math.ceil(retryAfterMs / 1000)} s.`,
    // The member has the name that the draft's quota-exceeded problem type gives it.
    { retryAfterMs, extra: { 'violated-policies': [rateClass] } },
  );
