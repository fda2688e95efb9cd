/**
 * Sliding window counter: the previous window counts in proportion to the part of it that still overlaps. Unlike a fixed window
 * it never lets twice the limit through around a boundary, and unlike a log of hits it needs only two numbers per client.
 */
export function usedOf(previous: number, count: number, elapsedMs: number, windowMs: number): number {
  return previous * (1 - elapsedMs / windowMs) + count;
}

/** Time until one more request fits, in ms, rounded up; 0 if it fits now. */
export function waitFor(previous: number, count: number, elapsedMs: number, windowMs: number, limit: number): number {
  if (usedOf(previous, count, elapsedMs, windowMs) + 1 <= limit) return 0;
  const room = limit - 1 - count;
  if (room >= 0) return Math.ceil(windowMs * (1 - room / previous) - elapsedMs);
  // This window is used up. In the next one its count decreases until one more request fits.
  return Math.ceil(windowMs - elapsedMs + windowMs * (1 - (limit - 1) / count));
}
