import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { addedDays, offsetAt, plainMoment } from './zone-offsets.js';

/** Local date and time of a time zone, without seconds. */
export interface LocalTime {
  /** YYYY-MM-DD. */
  day: string;
  /** Minutes since midnight. */
  minutes: number;
  /** 0 is Sunday. */
  weekday: number;
}

/** An IANA time zone, for example `Asia/Kolkata`. */
export const timeZoneName = z
  .string({ error: 'a time zone such as "Asia/Kolkata"' })
  .max(64, { error: 'a time zone such as "Asia/Kolkata"' })
  .refine(isTimeZone, { error: 'a time zone such as "Asia/Kolkata"' });

/** The day of a moment in a time zone, YYYY-MM-DD. @throws RangeError for an unknown time zone */
export function dayIn(timeZone: string, moment: Date): string {
  return localOf(timeZone, moment).toISOString().slice(0, 10);
}

/** @throws RangeError for an unknown time zone */
export function localTimeIn(timeZone: string, moment: Date): LocalTime {
  const local = localOf(timeZone, moment);
  return {
    day: local.toISOString().slice(0, 10),
    minutes: local.getUTCHours() * 60 + local.getUTCMinutes(),
    weekday: local.getUTCDay(),
  };
}

/**
 * The moment at which the clocks of a time zone show a time. Where they go back over it, the first of two; where they skip
 * it, the moment they go forward.
 * @param day YYYY-MM-DD
 * @param time HH:MM or HH:MM:SS, with or without a fraction
 * @returns undefined if there is no such day or time
 * @throws RangeError for an unknown time zone
 */
export function momentIn(timeZone: string, day: string, time: string): Date | undefined {
  const plain = plainMoment(timeZone, day, time);
  if (plain !== undefined) return new Date(plain);
  const local = written(`${day}T${time}`);
  return local && dateOf(firstShowing(timeZone, local));
}

/**
 * Every moment at which the clocks show a time: two where they go back over it, else one as in `momentIn`.
 * @param minutes since midnight of `day`; may lie outside of the day
 * @throws RangeError for an unknown time zone
 */
export function momentsIn(timeZone: string, day: string, minutes: number): Date[] {
  const local = Temporal.PlainDateTime.from(day).add({ minutes });
  const first = firstShowing(timeZone, local);
  const last = local.toZonedDateTime(timeZone, { disambiguation: 'later' });
  const twice = first.epochMilliseconds !== last.epochMilliseconds && last.toPlainDateTime().equals(local);
  return (twice ? [first, last] : [first]).map(dateOf);
}

/** The day `days` after (or, if negative, before) a day, YYYY-MM-DD. */
export function daysAfter(day: string, days: number): string {
  return addedDays(day, days) ?? Temporal.PlainDate.from(day).add({ days }).toString();
}

function firstShowing(timeZone: string, local: Temporal.PlainDateTime): Temporal.ZonedDateTime {
  const before = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  // Of a skipped time, `earlier` is a moment before the gap, and the next change of the offset is the gap.
  return before.toPlainDateTime().equals(local) ? before : (before.getTimeZoneTransition('next') ?? before);
}

/** A date whose UTC fields are those of the local time. */
function localOf(timeZone: string, moment: Date): Date {
  return new Date(moment.getTime() + offsetAt(timeZone, moment.getTime()));
}

function dateOf({ epochMilliseconds }: Temporal.ZonedDateTime): Date {
  return new Date(epochMilliseconds);
}

function written(local: string): Temporal.PlainDateTime | undefined {
  try {
    return Temporal.PlainDateTime.from(local);
  } catch {
    return undefined;
  }
}

/** By Intl: Temporal also takes the zone of a whole time (`2026-08-17T00:00Z`) for a time zone. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

publishSchemas({ TimeZone: timeZoneName });
