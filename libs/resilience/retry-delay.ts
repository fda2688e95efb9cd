export interface RetryDelayOptions {
  baseMs: number;
  maxMs: number;
}

/**
 * Full jitter (uniform in [0, base * 2^(attempt-1)]): those who failed together do not come back together. A `Retry-After` is
 * the least to wait, but never more than `maxMs`: a dependency cannot put a caller to sleep.
 * @param attempt 1 for the first retry
 * @param random uniform in [0, 1)
 */
export function retryDelay(attempt: number, options: RetryDelayOptions, random: number, retryAfterMs = 0): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1));
  return Math.min(options.maxMs, Math.max(Math.round(random * ceiling), retryAfterMs));
}

/** What the error says about when to come back, ms: its own `retryAfterMs`, or that of a DomainError's details. */
export function retryAfterOf(error: unknown): number | undefined {
  const { retryAfterMs, details } = (error ?? {}) as { retryAfterMs?: unknown; details?: { retryAfterMs?: unknown } };
  const said = retryAfterMs ?? details?.retryAfterMs;
  return typeof said === 'number' && said >= 0 ? said : undefined;
}
