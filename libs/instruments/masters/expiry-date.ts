import { dateFormatProblem, dateFormatReader, dayIn } from '#time';

/** Ticks per millisecond, of epochs. */
const EPOCHS: Record<string, number> = { epoch_s: 0.001, epoch_ms: 1, epoch_us: 1_000, epoch_ns: 1_000_000 };
/** Maximum distance of a moment from 1970 that a Date holds, in ms. */
const FARTHEST = 8.64e15;

/** Maximum length of a date. No format is longer. Bounds the cache of dates of a hostile master. */
const MAX_LENGTH = 40;

/** How a column of dates is read. */
export interface DateReading {
  /** Formats of tokens and separators, or `epoch_s` and similar. The first that fits is used. */
  formats?: readonly string[] | undefined;
  /** Offset at which a moment is read as a day. `clock` says the same and more. */
  utcOffset?: string | undefined;
  /** `wall` (the number counts local time), an offset, or a time zone. */
  clock?: string | undefined;
  /** The day that an epoch counts from. */
  since?: string | undefined;
}

type DayReader = (text: string) => string | undefined;

/**
 * Returns a function that parses dates in these formats: the day as YYYY-MM-DD, or undefined for other texts.
 * Results are cached, because dates repeat: 35,000 derivatives have some 20 expiries.
 */
export function expiryReader(reading: DateReading): DayReader {
  const dayOf = clockReader(reading.clock ?? reading.utcOffset ?? '+05:30');
  const origin = reading.since === undefined ? 0 : Date.parse(`${reading.since}T00:00:00Z`);
  const readers = (reading.formats ?? ['YYYY-MM-DD']).map((format) =>
    format in EPOCHS ? epochReader(EPOCHS[format]!, origin, dayOf) : patternReader(format, dayOf),
  );
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (text.length > MAX_LENGTH) return undefined;
    if (known.has(text)) return known.get(text);
    let day: string | undefined;
    for (const read of readers) if ((day = read(text)) !== undefined) break;
    if (known.size > 10_000) known.clear();
    known.set(text, day);
    return day;
  };
}

/** Why a format cannot be read, or undefined. */
export function formatProblem(format: string): string | undefined {
  if (!format.startsWith('epoch')) return dateFormatProblem(format);
  return format in EPOCHS ? undefined : `an epoch is one of ${Object.keys(EPOCHS).join(', ')}`;
}

/** Why a clock cannot be read, or undefined. */
export function clockProblem(clock: string): string | undefined {
  try {
    clockReader(clock)(0);
    return undefined;
  } catch {
    return '"wall", an offset such as "+05:30", or a time zone such as "Asia/Kolkata"';
  }
}

/** @returns the day of a moment by a clock @throws RangeError for an unknown time zone */
function clockReader(clock: string): (ms: number) => string {
  const offset = /^([+-])(\d\d):(\d\d)$/.exec(clock);
  if (clock !== 'wall' && offset === null) return (ms) => dayIn(clock, new Date(ms));
  const minutes = offset === null ? 0 : Number(offset[2]) * 60 + Number(offset[3]);
  const offsetMs = (offset?.[1] === '-' ? -minutes : minutes) * 60_000;
  return (ms) => new Date(ms + offsetMs).toISOString().slice(0, 10);
}

function patternReader(format: string, dayOf: (ms: number) => string): DayReader {
  const partsOf = dateFormatReader(format);
  return (text) => {
    const parts = partsOf(text);
    if (!parts) return undefined;
    const { year, month, hour = '00', minute = '00', second = '00', zone } = parts;
    // A contract that names a month only is listed until that month ends.
    const date = parts.day ?? new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
    const day = realDay(`${year}-${month}-${date}`);
    if (day === undefined || zone === undefined) return day;
    const ms = Date.parse(`${day}T${hour}:${minute}:${second}${zone}`);
    return Number.isNaN(ms) ? undefined : realDay(dayOf(ms));
  };
}

function epochReader(ticks: number, origin: number, dayOf: (ms: number) => string): DayReader {
  return (text) => {
    if (!/^-?\d{1,19}(?:\.0+)?$/.test(text)) return undefined;
    const ms = Math.floor(Number(text) / ticks) + origin;
    return Math.abs(ms) < FARTHEST - 86_400_000 ? realDay(dayOf(ms)) : undefined;
  };
}

/** Rejects days such as 2026-02-30, and years outside 1970 to 2199. */
function realDay(day: string): string | undefined {
  const date = new Date(`${day}T00:00:00Z`);
  const valid =
    !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === day && day >= '1970' && day < '2200';
  return valid ? day : undefined;
}
