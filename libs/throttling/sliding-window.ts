/**
 * The sliding window counter: what is left of the last window counts in proportion. Unlike a fixed window it never lets twice the
 * limit through around a boundary, and unlike a log of hits it needs two numbers a client, however many its requests.
 */
export function usedOf(previous: number, count: number, elapsedMs: number, windowMs: number): number {
  return previous * (1 - elapsedMs / windowMs) + count;
}

/** How long until one more request fits, ms, rounded up; 0 if it fits now. */
export function waitFor(previous: number, count: number, elapsedMs: number, windowMs: number, limit: number): number {
  if (usedOf(previous, count, elapsedMs, windowMs) + 1 <= limit) return 0;
  const room = limit - 1 - count;
  if (room >= 0) return Math.ceil(windowMs * (1 - room / previous) - elapsedMs);
  // This window is spent: in the next one its count fades until one more fits.
  return Math.ceil(windowMs - elapsedMs + windowMs * (1 - (limit - 1) / count));
}
