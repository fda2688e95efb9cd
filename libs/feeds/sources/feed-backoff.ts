/** Pause after failures: the cadence, doubled each time, up to `maxMs`, and at least the server's Retry-After. */
export function nextAfterFailure(options: {
  cadenceMs: number;
  /** Failures in a row, including this one. */
  failures: number;
  maxMs: number;
  retryAfterMs?: number | undefined;
  /** From [0, 1). Spreads sources that failed together. */
  random: number;
}): number {
  const { cadenceMs, failures, maxMs, retryAfterMs = 0, random } = options;
  const doubled = Math.min(
    Math.max(cadenceMs, Math.min(maxMs, cadenceMs * 2 ** Math.min(failures, 20))),
    Math.max(maxMs, cadenceMs),
  );
  return Math.round(
    Math.max(doubled * (0.8 + 0.4 * random), Math.min(retryAfterMs, MOST_RETRY_AFTER_MS) * (1 + 0.1 * random)),
  );
}

/** Maximum Retry-After that is respected. */
const MOST_RETRY_AFTER_MS = 6 * 3_600_000;
