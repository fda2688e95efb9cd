import { z } from 'zod';

/** A time in RFC 3339 with a zone, for example `2026-08-17T09:15:00+05:30` or `..Z`. A time without a zone is refused. */
export const timestamp = z.iso.datetime({
  offset: true,
  error: 'a time in RFC 3339 with a zone, such as "2026-08-17T09:15:00+05:30" or "2026-08-17T03:45:00Z"',
});

/** A time that is in UTC already, on a day that every month has: nothing is converted. */
const UTC = /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?Z$/;

/**
 * An RFC 3339 time as UTC with six decimals, PostgreSQL's own precision: `2026-08-17T03:45:00.123456Z`. All have one
 * width, so they compare as strings. A `Date` would drop the microseconds, and two ticks of one millisecond would look
 * the same. Further decimals are dropped.
 * @param decimals with 3 the microseconds are 0: for times that clients send back as `shownTime` shows them
 */
export function utcTime(text: string, decimals: 3 | 6 = 6): string {
  const [, utc, digits = ''] = UTC.exec(text) ?? [];
  if (utc !== undefined) return `${utc}.${fractionOf(digits, decimals)}Z`;
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const seconds = new Date(Date.parse(text)).toISOString().slice(0, 19);
  return `${seconds}.${fractionOf(fraction, decimals)}Z`;
}

function fractionOf(digits: string, decimals: number): string {
  return digits.slice(0, decimals).padEnd(6, '0');
}

const shownTimes = new Map<string, string>();
const SHOWN_KEPT = 10_000;

/**
 * A time of `utcTime` as answers and panels show times: UTC with three decimals, `2026-08-17T03:45:00.123Z`, as a `Date` writes
 * them. Microseconds are kept in the database, where they decide which of two quotes is newer. The quotes of a batch have one time:
 * their rows share its text.
 */
export function shownTime<Time extends string | null>(time: Time): Time {
  if (time === null) return time;
  let shown = shownTimes.get(time);
  if (shown === undefined) {
    if (shownTimes.size === SHOWN_KEPT) shownTimes.clear();
    shownTimes.set(time, (shown = `${time.slice(0, 23)}Z`));
  }
  return shown as Time;
}

/**
 * SQL for a timestamptz as RFC 3339 in UTC, independent of the session's time zone.
 * @param column an expression of type timestamptz
 * @param digits decimals of a second: 3 as in a `Date`, or 6 as in PostgreSQL
 */
export function utcTimeSql(column: string, digits: 3 | 6 = 3): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.${digits === 3 ? 'MS' : 'US'}"Z"')`;
}
