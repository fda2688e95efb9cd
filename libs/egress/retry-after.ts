/** The wait that a Retry-After header asks for, in ms: seconds, or a date (RFC 9110 10.2.3). Undefined if it is neither. */
export function retryAfterMs(header: string | undefined, now = new Date()): number | undefined {
  if (header === undefined) return undefined;
  const written = header.trim();
  if (/^\d{1,9}$/.test(written)) return Number(written) * 1_000;
  const at = /^[A-Z][a-z]{2}, /.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
