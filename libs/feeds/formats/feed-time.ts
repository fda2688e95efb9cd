import { momentIn } from '#time';
import type { DateOrder } from '../sources/feed-source.js';

/** How the times of a document are read. */
export interface TimeStyle {
  /** Time zone of times without one. */
  timeZone: string;
  /** Meaning of `05/11/2025`. Undefined: such a date is not read. */
  dateOrder: DateOrder | undefined;
  now: Date;
}

interface Written {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  /** With a fraction. */
  second: number;
  /** As written: `GMT`, `+0530`, `` */
  zone: string;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Beginnings of German, French, Spanish, Portuguese and Italian names that differ from the English ones. */
const FOREIGN_MONTHS: Readonly<Record<string, number>> = {
  ...{ mär: 3, mrz: 3, mai: 5, okt: 10, dez: 12, fév: 2, avr: 4, juin: 6, juil: 7, aoû: 8, déc: 12 },
  ...{ ene: 1, abr: 4, ago: 8, dic: 12, fev: 2, set: 9, out: 10, gen: 1, mag: 5, giu: 6, lug: 7, ott: 10 },
};
/** Longer texts are not dates. Bounds the regular expressions. */
const LONGEST = 80;
/** Zero of the Unix epoch in any time zone, and everything before: defaults of programs that know no date. */
const FIRST_MS = 2 * 86_400_000;
const AHEAD_MS = 366 * 86_400_000;

const HOURS = 60;
/** Minutes ahead of UTC. The American ones are those of RFC 2822. */
const OFFSETS: Readonly<Record<string, number>> = {
  ...{ Z: 0, UT: 0, UTC: 0, GMT: 0, WET: 0 },
  ...{ EST: -5 * HOURS, EDT: -4 * HOURS, CST: -6 * HOURS, CDT: -5 * HOURS, MST: -7 * HOURS, MDT: -6 * HOURS },
  ...{ PST: -8 * HOURS, PDT: -7 * HOURS, AKST: -9 * HOURS, AKDT: -8 * HOURS, HST: -10 * HOURS },
  ...{ WEST: HOURS, BST: HOURS, CET: HOURS, MEZ: HOURS, CEST: 2 * HOURS, MESZ: 2 * HOURS, EET: 2 * HOURS },
  ...{ EEST: 3 * HOURS, SAST: 2 * HOURS, MSK: 3 * HOURS, IST: 5.5 * HOURS, SGT: 8 * HOURS, HKT: 8 * HOURS },
  ...{ AWST: 8 * HOURS, JST: 9 * HOURS, KST: 9 * HOURS, ACST: 9.5 * HOURS, ACDT: 10.5 * HOURS },
  ...{ AEST: 10 * HOURS, AEDT: 11 * HOURS, NZST: 12 * HOURS, NZDT: 13 * HOURS },
};
const ZONES: Readonly<Record<string, string>> = {
  ET: 'America/New_York',
  CT: 'America/Chicago',
  MT: 'America/Denver',
  PT: 'America/Los_Angeles',
};
/** Letters that mean the local time where a source has one of these time zones. */
const HOMONYMS: Readonly<Record<string, readonly string[]>> = {
  IST: ['Europe/Dublin', 'Asia/Jerusalem'],
  CST: ['Asia/Shanghai', 'Asia/Taipei', 'Asia/Macau'],
  BST: ['Asia/Dhaka'],
};

/**
 * Reads a time of a feed: RFC 822 and its misspellings, RFC 3339, `25-Nov-2025 18:30:15`, `Nov 25, 2025 6:30 PM`, a day
 * alone, or seconds or ms since 1970. A time without a zone is one of `timeZone`. Never uses the server's time zone.
 * @returns the reason if it is not a time: unknown form, a day that does not exist, or a placeholder such as year 1
 */
export function feedTime(written: string, style: TimeStyle): Date | string {
  const text = written.replace(/\s+/g, ' ').trim();
  const shown = JSON.stringify(text.slice(0, LONGEST));
  if (text.length > LONGEST) return `the date ${shown} is too long`;
  const at = epochOf(text) ?? writtenMoment(text, style);
  if (at === 'order') return `the date ${shown} may be day-first or month-first; settings.dateOrder decides`;
  if (at === 'zone') return `the time zone of the date ${shown} is unknown`;
  if (at === undefined) return `the date ${shown} cannot be read`;
  if (at === null) return `the date ${shown} does not exist`;
  if (at.getTime() < FIRST_MS) return `the date ${shown} is a placeholder`;
  if (at.getTime() > style.now.getTime() + AHEAD_MS) return `the date ${shown} lies more than a year ahead`;
  return at;
}

function epochOf(text: string): Date | undefined {
  const digits = /^(?:\/Date\()?(\d{10}|\d{13})(?:\.\d{1,9})?(?:[+-]\d{4})?(?:\)\/)?$/.exec(text)?.[1];
  return digits === undefined ? undefined : new Date(Number(digits) * (digits.length === 10 ? 1_000 : 1));
}

/** A name of a day in any language. */
const WEEKDAY = /^\p{L}{2,12}\.?(?:, ?| (?=\d{1,2}[ -]\p{L}{3}|\p{L}{3,9}\.? \d))/u;

/** @returns undefined for an unknown form, null for a day or time that does not exist */
function writtenMoment(text: string, style: TimeStyle): Date | 'order' | 'zone' | null | undefined {
  const found = dateOf(withSeparators(text.replace(WEEKDAY, '')), style.dateOrder);
  if (found === undefined || found === 'order') return found;
  const { year, month, day, hour, minute, second, zone } = found;
  if (year < 1_000) return new Date(0);
  const midnight = new Date(Date.UTC(year, month - 1, day));
  const exists = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second >= 61) return null;
  const where = zoneOf(zone, style.timeZone);
  if (where === undefined) return 'zone';
  if (typeof where === 'number')
    return new Date(midnight.getTime() + (hour * 60 + minute - where) * 60_000 + second * 1_000);
  const clock = [hour, minute].map((part) => String(part).padStart(2, '0')).join(':');
  // To the minute, which #time knows without a calendar. Clocks never change within one.
  const begun = momentIn(where, midnight.toISOString().slice(0, 10), clock);
  return begun === undefined ? null : new Date(begun.getTime() + second * 1_000);
}

/** `20251125T183015` -> `2025-11-25T18:30:15`. */
function withSeparators(text: string): string {
  return text
    .replace(/^(\d{4})(\d{2})(\d{2})(?=$|[T ])/, '$1-$2-$3')
    .replace(/^([\d-]{10}T\d{2})(\d{2})(\d{2})/, '$1:$2:$3');
}

const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([ap])\.?m\.?)?`;
const REST = String.raw`(?:(?:T|,| at)? ?${CLOCK} ?(.{0,40}))?`;
const MONTH = String.raw`(\p{L}{3,9})`;
const FORMS = {
  iso: new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${REST}$`, 'iu'),
  dayMonth: new RegExp(
    String.raw`^(\d{1,2})(?:st|nd|rd|th)?[ .-]{0,2}${MONTH}\.?[ .,-]{0,2}(\d{4}|\d{2})${REST}$`,
    'iu',
  ),
  monthDay: new RegExp(String.raw`^${MONTH}\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})${REST}$`, 'iu'),
  // Of C: `Nov 25 18:30:15 2025`, `Nov 25 18:30:15 UTC 2025`.
  yearLast: new RegExp(String.raw`^${MONTH} (\d{1,2}) ${CLOCK} ?([A-Z]{1,5}|[+-]\d{4})? (\d{4})$`, 'iu'),
  numbers: new RegExp(String.raw`^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})${REST}$`, 'iu'),
};

function dateOf(text: string, order: DateOrder | undefined): Written | 'order' | undefined {
  let found = FORMS.iso.exec(text);
  if (found !== null) return written(found[1], found[3], found[4], found.slice(5));
  found = FORMS.dayMonth.exec(text);
  if (found !== null) return written(found[3], monthOf(found[2]), found[1], found.slice(4));
  found = FORMS.monthDay.exec(text);
  if (found !== null) return written(found[3], monthOf(found[1]), found[2], found.slice(4));
  found = FORMS.yearLast.exec(text);
  if (found !== null) return written(found[9], monthOf(found[1]), found[2], found.slice(3, 9));
  found = FORMS.numbers.exec(text);
  if (found === null) return undefined;
  const [, first, separator, second, year] = found;
  // Only the other number can be the month.
  const given = separator === '.' || Number(first) > 12 ? 'day-first' : Number(second) > 12 ? 'month-first' : order;
  if (given === undefined)
    return Number(first) === Number(second) ? written(year, first, second, found.slice(5)) : 'order';
  const [day, month] = given === 'day-first' ? [first, second] : [second, first];
  return written(year, month, day, found.slice(5));
}

function written(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  [hour = '0', minute = '00', second = '00', fraction = '', half, zone = '']: (string | undefined)[],
): Written | undefined {
  if (month === undefined) return undefined;
  const years = Number(year);
  const hours = half === undefined ? Number(hour) : twelveHours(Number(hour), half);
  return {
    // RFC 2822 4.3.
    year: year!.length > 2 ? years : years + (years < 50 ? 2_000 : 1_900),
    month: Number(month),
    day: Number(day),
    hour: hours,
    minute: Number(minute),
    second: Number(`${second}.${fraction.slice(0, 3) || '0'}`),
    zone: zone.trim(),
  };
}

/** An hour that does not exist stays one that does not. */
function twelveHours(hour: number, half: string): number {
  if (hour < 1 || hour > 12) return 99;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

function monthOf(name: string | undefined): string | undefined {
  const letters = (name ?? '').toLowerCase();
  const index = MONTHS.indexOf(letters.slice(0, 3)) + 1;
  const month = index || (FOREIGN_MONTHS[letters.slice(0, 4)] ?? FOREIGN_MONTHS[letters.slice(0, 3)]);
  return month === undefined ? undefined : String(month);
}

/** @returns minutes ahead of UTC, a time zone, or undefined for unknown letters */
function zoneOf(text: string, timeZone: string): number | string | undefined {
  // A comment or a name after an offset repeats it: `+0530 (IST)`, `+05:30[Asia/Kolkata]`.
  const zone = text.replace(/ ?(?:\([^()]*\)|\[[^[\]]*\])$/, '').toUpperCase();
  if (/^(?:|UHR|HRS?|HOURS)\.?$/.test(zone)) return timeZone;
  const offset = /^(?:GMT|UTC?)? ?([+-])(\d{1,2}):?(\d{2})?$/.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
    return minutes > 14 * 60 || Number(offset[3] ?? 0) > 59 ? undefined : (offset[1] === '-' ? -1 : 1) * minutes;
  }
  if (HOMONYMS[zone]?.includes(timeZone)) return timeZone;
  return OFFSETS[zone] ?? ZONES[zone];
}
