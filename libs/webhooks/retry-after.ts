/** Retry-After (RFC 9110 10.2.3) in ms: seconds, or a date seen from `now`. Nonsense is undefined. */
export function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  const written = header.trim();
  if (/^\d{1,9}$/.test(written)) return Number(written) * 1_000;
  const at = /^[A-Z][a-z]{2}, /.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
