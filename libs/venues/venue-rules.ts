/** Opening and closing time of a session, local: `HH:MM`, `24:00` for the end of the day, `-1 HH:MM` for a time on the eve. */
export type Hours = readonly [opens: string, closes: string];

/**
 * A day that differs from the usual: its sessions (none: closed), some of the usual ones (`only`, counted from 0), or
 * sessions that belong to a later trading day (`joins`, YYYY-MM-DD), as on most American holidays at CME.
 */
export type DayRule =
  | readonly Hours[]
  | { readonly only: readonly number[] }
  | { readonly joins: string; readonly sessions: readonly Hours[] };

/** The calendar of a venue, as data. Days are YYYY-MM-DD, local. */
export interface VenueRules {
  title: string;
  timeZone: string;
  /** Days of the week with sessions; 0 is Sunday. */
  weekdays: readonly number[];
  sessions: readonly Hours[];
  /** Other hours while the clocks of another zone show winter time. */
  winter?: { timeZone: string; sessions: readonly Hours[] };
  /** When a trading day begins, local: `00:00`, or `-1 17:00` for 17:00 on the eve. */
  dayBegins: string;
  days: Readonly<Record<string, DayRule>>;
  /** First day that the table speaks of; before it only the week is known. */
  from: string;
  /** Last day that the table speaks of, or null when no day differs from the week. */
  to: string | null;
  /** Until this day, after `to`, the table has only holidays with a fixed date: the venue has not published the rest. */
  provisionalTo?: string;
  /** Where the days come from. */
  source: string;
  /** When the source was read. */
  asOf: string;
}

/** Days of one year, given as `MM-DD MM-DD ..`, with one rule for all. */
export function daysOf(year: number, days: string, rule: DayRule = []): Record<string, DayRule> {
  return Object.fromEntries(days.split(' ').map((day) => [`${year}-${day}`, rule]));
}

export const MONDAY_TO_FRIDAY = [1, 2, 3, 4, 5] as const;
