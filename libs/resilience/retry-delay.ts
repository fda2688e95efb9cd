export interface RetryDelayOptions {
  baseMs: number;
  maxMs: number;
}

/**
 * Full jitter, uniform in [0, base * 2^(attempt-1)], so that callers that failed together do not retry together. `Retry-After`
 * is the minimum, but never more than `maxMs`, so that a dependency cannot block a caller.
 * @param attempt 1 for the first retry
 * @param random uniform in [0, 1)
 */
export function retryDelay(attempt: number, options: RetryDelayOptions, random: number, retryAfterMs = 0): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1));
  return Math.min(options.maxMs, Math.max(Math.round(random * ceiling), retryAfterMs));
}

/** Returns the `retryAfterMs` of the error or of a DomainError's details, in ms. */
export function retryAfterOf(error: unknown): number | undefined {
  const { retryAfterMs, details } = (error ?? {}) as { retryAfterMs?: unknown; details?: { retryAfterMs?: unknown } };
  const said = retryAfterMs ?? details?.retryAfterMs;
  return typeof said === 'number' && said >= 0 ? said : undefined;
}
