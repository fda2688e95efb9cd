import { dayIn, momentIn, timeZoneName } from '#time';
import { type LocalMoment, readByFormat } from './date-format.js';

/** How times of a source are read. */
export interface TimeSettings {
  /** Of times without one. */
  timeZone: string;
  dateFormat?: string | undefined;
  /** HH:MM of a date without a time. */
  closesAt?: string | undefined;
}

/** A moment of a quote, with its day in the zone of the source; or why the text is none. */
export type QuoteTime = { at: Date; day: string } | { issue: string };

const END_OF_DAY = '23:59:59';
const ZONED = /\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$/i;
const EITHER_ORDER = /^\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b/;

/**
 * Reads RFC 3339, seconds to nanoseconds since 1970 (by their length), `/Date(1764060000000)/`, `2026-11-24 22:00:11`,
 * `20261124 220011`, a day, or what `dateFormat` says. `11/5/2019` alone is refused: it is 5 November or 11 May.
 *
 * A day alone is the close of that day, not midnight: at midnight it would lose to every quote of the day. The bar of a day
 * that has not closed is of now.
 */
export function quoteTime(written: string, settings: TimeSettings, now: Date): QuoteTime {
  const { dateFormat, closesAt } = settings;
  const { text, zone } = zoneOf(written);
  const timeZone = zone ?? settings.timeZone;
  const local = dateFormat === undefined ? undefined : readByFormat(dateFormat, text);
  const moment = local === undefined ? absolute(text) : undefined;
  if (moment !== undefined)
    return Number.isNaN(moment.getTime()) ? unreadable(written) : { at: moment, day: dayIn(timeZone, moment) };
  const read = local ?? plainLocal(text);
  if (read === undefined) return EITHER_ORDER.test(text) ? eitherOrder(written) : unreadable(written);
  const at = momentOf(timeZone, read.day, read.time ?? closesAt ?? END_OF_DAY);
  if (at === undefined) return unreadable(written);
  if (read.time !== null || at <= now || read.day !== dayIn(timeZone, now)) return { at, day: read.day };
  return { at: now, day: read.day };
}

/** Hours of zones whose beginnings are kept. A file has those of its day, or those of the days of its bars. */
const MOST_HOURS = 10_000;
const MINUTE_MS = 60_000;
/** When an hour of a zone begins, ms since 1970; null if the clocks change in it, or if there is no such hour. */
const hours = new Map<string, number | null>();

/** By its hour: a conversion takes 1 µs, and near a change of the clocks 60 µs. A file has 200,000 times of few hours. */
function momentOf(timeZone: string, day: string, time: string): Date | undefined {
  const hour = `${day}T${time.slice(0, 2)} ${timeZone}`;
  let begins = hours.get(hour);
  if (begins === undefined) {
    if (hours.size >= MOST_HOURS) hours.clear();
    hours.set(hour, (begins = steadyHour(timeZone, day, time.slice(0, 3))));
  }
  const [minutes, seconds] = [Number(time.slice(3, 5)), Number(time.slice(6) || 0)];
  if (minutes > 59 || seconds > 59) return undefined;
  if (begins !== null) return new Date(begins + minutes * MINUTE_MS + seconds * 1_000);
  const minute = momentIn(timeZone, day, time.slice(0, 5));
  return minute && new Date(minute.getTime() + seconds * 1_000);
}

function steadyHour(timeZone: string, day: string, hour: string): number | null {
  const [first, last] = [momentIn(timeZone, day, `${hour}00`), momentIn(timeZone, day, `${hour}59`)];
  return first && last && last.getTime() - first.getTime() === 59 * MINUTE_MS ? first.getTime() : null;
}

/** Short names that mean one zone. IST, BST and CST mean several, so a time with them is refused. */
const ZONES: Readonly<Record<string, string>> = {
  UTC: 'UTC',
  GMT: 'UTC',
  EST: 'Etc/GMT+5',
  EDT: 'Etc/GMT+4',
  PST: 'Etc/GMT+8',
  PDT: 'Etc/GMT+7',
  CET: 'Etc/GMT-1',
  CEST: 'Etc/GMT-2',
  JST: 'Etc/GMT-9',
};

/** A time and the zone that is written behind it: `2026-11-25, 04:30:12 EST`, `22:00 Europe/Warsaw`. */
function zoneOf(written: string): { text: string; zone: string | undefined } {
  const match = /^(.*\d) ?([A-Z]{3,4}|[A-Za-z]+\/[A-Za-z_/]+)$/.exec(written);
  const zone =
    match === null
      ? undefined
      : (ZONES[match[2]!] ??
        (timeZoneName.safeParse(match[2]).success && match[2]!.includes('/') ? match[2]! : undefined));
  return zone === undefined ? { text: written, zone } : { text: match![1]!, zone };
}

const unreadable = (text: string) => ({ issue: `the time ${JSON.stringify(text)} cannot be read` });
const eitherOrder = (text: string) => ({
  issue: `the date ${JSON.stringify(text)} may begin with the day or the month: set dateFormat, such as DD/MM/YYYY`,
});

/** A time that needs no zone. */
function absolute(text: string): Date | undefined {
  const wrapped = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/.exec(text);
  if (wrapped !== null) return new Date(Number(wrapped[1]));
  if (/^\d{9,10}(?:\.\d+)?$/.test(text)) return new Date(Number(text) * 1_000);
  if (/^\d{13}$/.test(text)) return new Date(Number(text));
  if (/^(?:\d{16}|\d{19})$/.test(text)) {
    const unit = text.length > 16 ? 1_000_000n : 1_000n;
    return new Date(Number(BigInt(text) / unit));
  }
  if (ZONED.test(text)) return new Date(Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')));
  return undefined;
}

/** A day that begins with its year, with or without a time. */
function plainLocal(text: string): LocalMoment | undefined {
  const match =
    /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?$/.exec(text) ??
    /^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2}):?(\d{2})(?::?(\d{2}))?)?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '00'] = match;
  return {
    day: `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`,
    time: hour === undefined ? null : `${hour.padStart(2, '0')}:${minute}:${second}`,
  };
}
