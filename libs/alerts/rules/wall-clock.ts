/** What the clock on the wall of a time zone shows. `minutes` since midnight, seconds left out. */
export interface WallClockTime {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  minutes: number;
  /** 0 is Sunday. */
  weekday: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError if there is no such time zone */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    formats.set(timeZone, format);
  }
  return format;
}

export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

export function wallClockOf(moment: Date, timeZone: string): WallClockTime {
  const shown = new Date(shownMs(moment.getTime(), timeZone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    minutes: shown.getUTCHours() * 60 + shown.getUTCMinutes(),
    weekday: shown.getUTCDay(),
  };
}

/**
 * When the clock shows that time: once; twice where it goes back; where it goes forward over it, the moment it does.
 * `day` and `minutes` may lie outside of their month and day.
 */
export function momentsOf(
  { year, month, day, minutes }: Pick<WallClockTime, 'year' | 'month' | 'day' | 'minutes'>,
  timeZone: string,
): Date[] {
  const wanted = Date.UTC(year, month - 1, day, 0, minutes);
  const offsets = [wanted - DAY_MS, wanted + DAY_MS].map((ms) => shownMs(ms, timeZone) - ms);
  const guesses = [...new Set(offsets)].map((offset) => wanted - offset).sort((a, b) => a - b);
  const exact = guesses.filter((ms) => shownMs(ms, timeZone) === wanted);
  return exact.length > 0 ? exact.map((ms) => new Date(ms)) : [new Date(endOfGap(guesses, wanted, timeZone))];
}

/** The first minute at which the clock shows more than was wanted. */
function endOfGap(guesses: readonly number[], wanted: number, timeZone: string): number {
  let low = guesses[0]! - 3 * 60 * MINUTE_MS;
  let high = guesses.at(-1)! + 3 * 60 * MINUTE_MS;
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (shownMs(middle, timeZone) > wanted) high = middle;
    else low = middle;
  }
  return high;
}

/** What the clock shows, read as if it were UTC. */
function shownMs(ms: number, timeZone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(ms)) part[type] = Number(value);
  return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second']);
}
