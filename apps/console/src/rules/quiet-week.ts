/** Monday first, as weeks are printed. */
export const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type WeekDay = (typeof WEEK)[number];

export interface QuietSpan {
  days?: WeekDay[] | undefined;
  from: string;
  to: string;
}

export type Coverage = 'none' | 'part' | 'all';
/** Minutes from Monday 00:00, the end excluded. */
type Span = readonly [from: number, to: number];

const DAY = 1_440;
const WEEK_MINUTES = 7 * DAY;
/** As many windows as the desk stores. */
export const MOST_QUIET_WINDOWS = 14;

/** How much of an hour is quiet. */
export function coverageOf(windows: readonly QuietSpan[], day: number, hour: number): Coverage {
  const from = day * DAY + hour * 60;
  const minutes = spansOf(windows).reduce((sum, span) => sum + overlap(span, [from, from + 60]), 0);
  if (minutes === 0) return 'none';
  return minutes === 60 ? 'all' : 'part';
}

/** Makes hours of a day quiet or not. Other minutes stay as they are. */
export function paintHours(
  windows: readonly QuietSpan[],
  day: number,
  hours: readonly [from: number, to: number],
  isQuiet: boolean,
): QuietSpan[] {
  const brush: Span = [day * DAY + hours[0] * 60, day * DAY + hours[1] * 60];
  const rest = spansOf(windows).flatMap(([from, to]): Span[] => {
    if (overlap([from, to], brush) === 0) return [[from, to]];
    return (
      [
        [from, Math.min(to, brush[0])],
        [Math.max(from, brush[1]), to],
      ] as Span[]
    ).filter(([a, b]) => a < b);
  });
  return windowsOf(merged(isQuiet ? [...rest, brush] : rest));
}

/** Whether the whole week is quiet, which the desk refuses: messages would never leave. */
export function isEndless(windows: readonly QuietSpan[]): boolean {
  return spansOf(windows).reduce((sum, [from, to]) => sum + to - from, 0) === WEEK_MINUTES;
}

/** The quiet minutes in order, without overlap. A window over Sunday's midnight continues on Monday. */
function spansOf(windows: readonly QuietSpan[]): Span[] {
  const spans = windows.flatMap(({ days = [...WEEK], from, to }) =>
    days.flatMap((day): Span[] => {
      const start = WEEK.indexOf(day) * DAY + minutesOf(from);
      const length = minutesOf(to) - minutesOf(from);
      const end = start + (length > 0 ? length : length + DAY);
      return end <= WEEK_MINUTES
        ? [[start, end]]
        : [
            [start, WEEK_MINUTES],
            [0, end - WEEK_MINUTES],
          ];
    }),
  );
  return merged(spans);
}

/** The fewest windows that are plain to read: a night is one window, and equal windows share their days. */
function windowsOf(spans: readonly Span[]): QuietSpan[] {
  const pieces = joinedOverSunday(spans).flatMap(([from, to]): Span[] => {
    if (to - from <= DAY) return [[from, to]];
    const cuts = [from];
    for (let cut = (Math.floor(from / DAY) + 1) * DAY; cut < to; cut += DAY) cuts.push(cut);
    return cuts.map((cut, index) => [cut, cuts[index + 1] ?? to]);
  });
  const byHours = new Map<string, Set<WeekDay>>();
  for (const [from, to] of pieces) {
    const hours = `${clock(from % DAY)}-${to % DAY === 0 ? '24:00' : clock(to % DAY)}`;
    byHours.set(hours, (byHours.get(hours) ?? new Set()).add(WEEK[Math.floor(from / DAY) % 7]!));
  }
  return [...byHours].map(([hours, days]) => {
    const [from, to] = hours.split('-') as [string, string];
    return { ...(days.size < 7 && { days: WEEK.filter((day) => days.has(day)) }), from, to };
  });
}

function joinedOverSunday(spans: readonly Span[]): Span[] {
  const [first] = spans;
  const last = spans.at(-1);
  if (spans.length < 2 || first![0] !== 0 || last![1] !== WEEK_MINUTES) return [...spans];
  return [...spans.slice(1, -1), [last![0], WEEK_MINUTES + first![1]]];
}

function merged(spans: readonly Span[]): Span[] {
  const result: [number, number][] = [];
  for (const [from, to] of [...spans].sort(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

function overlap([a, b]: Span, [c, d]: Span): number {
  return Math.max(0, Math.min(b, d) - Math.max(a, c));
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
