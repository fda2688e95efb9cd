import { defineErrors } from '#errors';

const throttlingError = defineErrors({
  THROTTLING_LIMITED: {
    kind: 'rate_limited',
    meaning: 'The caller has reached the request limit of this class of routes.',
    fix: 'Wait for the time in `Retry-After`; `RateLimit` shows what is left.',
  },
  THROTTLING_COSTLY: {
    kind: 'rate_limited',
    meaning: 'The caller has the maximum of costly requests in progress.',
    fix: 'Wait for the answers in progress, or for the time in `Retry-After`.',
  },
});

export const tooManyCostly = (running: number, waiting: number) =>
  throttlingError(
    'THROTTLING_COSTLY',
    `Limit of concurrent costly requests reached (${running} run and ${waiting} wait per user). Retry after 1 s.`,
    { retryAfterMs: 1_000, extra: { 'violated-policies': ['costly'] } },
  );

export const limited = (rateClass: string, limit: number, windowMs: number, retryAfterMs: number) =>
  throttlingError(
    'THROTTLING_LIMITED',
    `Request limit reached (${limit} ${rateClass} requests per ${windowMs / 1000} s). Retry after ${Math.ceil(retryAfterMs / 1000)} s.`,
    // The member has the name that the draft's quota-exceeded problem type gives it.
    { retryAfterMs, extra: { 'violated-policies': [rateClass] } },
  );
