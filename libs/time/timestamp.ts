import { z } from 'zod';

/** A time in RFC 3339 with a zone, for example `2026-08-17T09:15:00+05:30` or `..Z`. A time without a zone is refused. */
export const timestamp = z.iso.datetime({
  offset: true,
  error: 'a time in RFC 3339 with a zone, such as "2026-08-17T09:15:00+05:30" or "2026-08-17T03:45:00Z"',
});

/**
 * An RFC 3339 time as UTC with six digits of a second, PostgreSQL's own precision: `2026-08-17T03:45:00.123456Z`.
 * All have one width, so two of them compare as strings. A `Date` would cut the microseconds off, and two ticks of one
 * millisecond would look the same. Digits past the sixth are dropped.
 */
export function utcTime(text: string): string {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const seconds = new Date(Date.parse(text)).toISOString().slice(0, 19);
  return `${seconds}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

/**
 * SQL for a timestamptz as RFC 3339 in UTC, whatever the session's time zone is.
 * @param column an expression of type timestamptz
 * @param digits of a second: 3 is what a `Date` holds, 6 is all that PostgreSQL has
 */
export function utcTimeSql(column: string, digits: 3 | 6 = 3): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.${digits === 3 ? 'MS' : 'US'}"Z"')`;
}
