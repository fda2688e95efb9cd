/** A span of time as the desk's lists take it: from inclusive, to exclusive, both optional. */
export interface TimeSpan {
  from: string;
  to: string;
}

export const RECENT_SPANS = [
  { label: 'Last 15 minutes', minutes: 15 },
  { label: 'Last hour', minutes: 60 },
  { label: 'Last 24 hours', minutes: 1_440 },
  { label: 'Last 7 days', minutes: 10_080 },
] as const;

/** Rounded to the minute, so that a link stays short. */
export function recentSpan(minutes: number, now: Date): TimeSpan {
  const from = new Date(Math.floor(now.getTime() / 60_000 - minutes) * 60_000);
  return { from: from.toISOString(), to: '' };
}

/** The value of a `datetime-local` input for an instant, in the zone of the reader. Empty for no or an unreadable time. */
export function inputOfInstant(iso: string, timeZone: string): string {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return '';
  return localText(time, timeZone).slice(0, 16);
}

/** The instant of a `datetime-local` value in a zone. A time that the clock skips is the first one after the gap. */
export function instantOfInput(text: string, timeZone: string): string {
  const wall = Date.parse(`${text}Z`);
  if (Number.isNaN(wall)) return '';
  // The offset may differ between the guess and the answer, on the day the clock changes.
  const first = wall - offsetAt(wall, timeZone);
  return new Date(wall - offsetAt(first, timeZone)).toISOString();
}

function offsetAt(time: number, timeZone: string): number {
  return Date.parse(`${localText(time, timeZone)}Z`) - Math.floor(time / 1_000) * 1_000;
}

function localText(time: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  return `${part['year']}-${part['month']}-${part['day']}T${part['hour']}:${part['minute']}:${part['second']}`;
}
