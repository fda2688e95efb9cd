/**
 * An RFC 3339 time as UTC with six digits of a second, PostgreSQL's own precision: `2026-08-17T03:45:00.123456Z`.
 * Of fixed width, so two of them compare as strings; a `Date` would cut the microseconds off, and two ticks of one
 * millisecond would look like the same one. Digits past the sixth are dropped.
 */
export function instant(text: string): string {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const seconds = new Date(Date.parse(text)).toISOString().slice(0, 19);
  return `${seconds}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

/** Whether a time lies more than `toleranceMs` past `nowMs`: a clock that runs ahead, which would lock every later write out. */
export function isAhead(at: string, nowMs: number, toleranceMs: number): boolean {
  return Date.parse(at) > nowMs + toleranceMs;
}
