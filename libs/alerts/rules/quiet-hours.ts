import { daysAfter, type LocalTime, localTimeIn, momentsIn } from '#time';

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** From a time of the day to another, of the clock on the wall; past midnight if `to` is not after `from`. */
export interface QuietWindow {
  /** The days it begins on; every day if left out. */
  days?: readonly Weekday[] | undefined;
  /** `22:00`. */
  from: string;
  /** `07:00`; `24:00` is the end of the day. */
  to: string;
}

/** When messages wait. Critical ones never do. */
export interface QuietHours {
  /** IANA name: `Asia/Kolkata`. */
  timeZone: string;
  windows: readonly QuietWindow[];
}

const DAY_MINUTES = 1440;
/** A week has at most this many windows one after another; one that never ends is refused where rules are written. */
const MOST_STEPS = 64;

/**
 * The moment at which quiet hours that hold now are over; undefined when it is not quiet. Ends are times of the clock on
 * the wall: on the day the clock goes forward over an end the first moment after the gap is the end, and of an end that
 * comes twice the next one is.
 */
export function quietUntil(hours: QuietHours | null, now: Date): Date | undefined {
  if (hours === null) return undefined;
  let until: Date | undefined;
  for (let step = 0; step < MOST_STEPS; step++) {
    const end = endAt(hours, until ?? now);
    if (end === undefined) return until;
    until = end;
  }
  return until;
}

/** Whether some moment of the week is not quiet. */
export function hasEnd(windows: readonly QuietWindow[]): boolean {
  const spans = windows
    .flatMap((window) =>
      daysOf(window).map(
        (day) =>
          [
            day * DAY_MINUTES + minutesOf(window.from),
            day * DAY_MINUTES + minutesOf(window.from) + lengthOf(window),
          ] as const,
      ),
    )
    .flatMap(
      ([from, to]) =>
        [
          [from, to],
          [from - 7 * DAY_MINUTES, to - 7 * DAY_MINUTES],
        ] as const,
    )
    .sort(([a], [b]) => a - b);
  let covered = 0;
  for (const [from, to] of spans) if (from <= covered) covered = Math.max(covered, to);
  return covered < 7 * DAY_MINUTES;
}

/** The latest end of the windows that hold at a moment. */
function endAt({ timeZone, windows }: QuietHours, moment: Date): Date | undefined {
  const local = localTimeIn(timeZone, moment);
  const ends = windows.flatMap((window) => {
    const from = minutesOf(window.from);
    // Begun today or yesterday: none is longer than a day.
    return [0, -1].flatMap((shift) => {
      const since = local.minutes - from - shift * DAY_MINUTES;
      if (!daysOf(window).includes((local.weekday + shift + 7) % 7) || since < 0 || since >= lengthOf(window))
        return [];
      return [endOf(local, shift, from + lengthOf(window), timeZone, moment)];
    });
  });
  return ends.length === 0 ? undefined : new Date(Math.max(...ends.map((end) => end.getTime())));
}

function endOf({ day }: LocalTime, shift: number, minutes: number, timeZone: string, after: Date): Date {
  const moments = momentsIn(timeZone, daysAfter(day, shift), minutes);
  return moments.find((moment) => moment > after) ?? moments.at(-1)!;
}

const daysOf = (window: QuietWindow): number[] => (window.days ?? WEEKDAYS).map((day) => WEEKDAYS.indexOf(day));

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
}

function lengthOf(window: QuietWindow): number {
  const length = minutesOf(window.to) - minutesOf(window.from);
  return length > 0 ? length : length + DAY_MINUTES;
}
