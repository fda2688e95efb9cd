import { DomainError } from '#errors';

/** 429: the caller has used up the limit of this class of routes. */
export function limited(rateClass: string, limit: number, windowMs: number, retryAfterMs: number): DomainError {
  return new DomainError(
    'THROTTLING_LIMITED',
    `More than ${limit} ${rateClass} requests in ${windowMs / 1000} s. Wait ${Math.ceil(retryAfterMs / 1000)} s, as Retry-After says, and go on more slowly.`,
    // The member is named by the draft's quota-exceeded problem type.
    { kind: 'rate_limited', retryAfterMs, extra: { 'violated-policies': [rateClass] } },
  );
}
