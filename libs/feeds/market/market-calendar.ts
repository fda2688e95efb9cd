import { NSE_DAYS, type SpecialDays, US_DAYS } from './holidays.js';

interface Venue {
  timeZone: string;
  /** Local, HH:MM. */
  opens: string;
  closes: string;
  special: SpecialDays;
}

/** `EDGAR` is not a market, but keeps hours: filings are accepted from 6 to 22 Eastern on business days of the government. */
const VENUES = {
  NYSE: { timeZone: 'America/New_York', opens: '09:30', closes: '16:00', special: US_DAYS },
  NASDAQ: { timeZone: 'America/New_York', opens: '09:30', closes: '16:00', special: US_DAYS },
  EDGAR: {
    timeZone: 'America/New_York',
    opens: '06:00',
    closes: '22:00',
    special: { ...US_DAYS, closesAt: new Map() },
  },
  NSE: { timeZone: 'Asia/Kolkata', opens: '09:15', closes: '15:30', special: NSE_DAYS },
  BSE: { timeZone: 'Asia/Kolkata', opens: '09:15', closes: '15:30', special: NSE_DAYS },
} as const satisfies Record<string, Venue>;

export type VenueName = keyof typeof VENUES;
export const VENUE_NAMES = Object.keys(VENUES) as VenueName[];

/** From when to when a venue is open on one day, in ms since 1970. */
interface Session {
  opens: number;
  closes: number;
}

const DAY = 86_400_000;
/** Market time beyond this is as good as any: a feed silent for so long is stale by every measure. */
const LOOK_BACK_DAYS = 30;

const formatters = new Map<string, Intl.DateTimeFormat>();
/** Sessions by venue and day; a few hundred, since only recent days are asked for. */
const sessions = new Map<string, Session | null>();
const KEPT = 2_000;

/** Whether the venue is open at that moment; `null` is a venue that never closes. Pure: the moment is given, no clock is read. */
export function isOpen(venue: VenueName | null, at: number): boolean {
  if (venue === null) return true;
  const session = sessionOf(venue, dayOf(venue, at));
  return session !== null && at >= session.opens && at < session.closes;
}

/** How much of the time between two moments the venue was open, ms; at most that of the last 30 days. */
export function openMsBetween(venue: VenueName | null, from: number, to: number): number {
  if (to <= from) return 0;
  if (venue === null) return to - from;
  const begin = Math.max(from, to - LOOK_BACK_DAYS * DAY);
  let open = 0;
  const seen = new Set<string>();
  // A day further at each end: the local day may have begun before the moment's UTC day.
  for (let at = begin - DAY; at <= to + DAY; at += DAY) {
    const day = dayOf(venue, at);
    if (seen.has(day)) continue;
    seen.add(day);
    const session = sessionOf(venue, day);
    if (session) open += Math.max(0, Math.min(to, session.closes) - Math.max(begin, session.opens));
  }
  return open;
}

/** A local date and time in a zone as a moment. Of a time that comes twice (clocks set back) the first; one that is skipped moves on. */
export function zonedTime(timeZone: string, day: string, time: string): number {
  const naive = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}Z`);
  // Twice: the first offset is that of the naive moment, which can lie on the other side of a change.
  const guess = naive - offsetAt(timeZone, naive);
  return naive - offsetAt(timeZone, guess);
}

function sessionOf(venue: VenueName, day: string): Session | null {
  const key = `${venue} ${day}`;
  const known = sessions.get(key);
  if (known !== undefined) return known;
  if (sessions.size >= KEPT) sessions.clear();
  const made = makeSession(VENUES[venue], day);
  sessions.set(key, made);
  return made;
}

function makeSession({ timeZone, opens, closes, special }: Venue, day: string): Session | null {
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
  if (weekday === 0 || weekday === 6 || special.closed.has(day)) return null;
  return {
    opens: zonedTime(timeZone, day, opens),
    closes: zonedTime(timeZone, day, special.closesAt.get(day) ?? closes),
  };
}

function dayOf(venue: VenueName, at: number): string {
  return new Date(at + offsetAt(VENUES[venue].timeZone, at)).toISOString().slice(0, 10);
}

/** What a zone's clocks are ahead of UTC at a moment, ms. */
function offsetAt(timeZone: string, at: number): number {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    const parts = {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    } as const;
    formatter = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...parts });
    formatters.set(timeZone, formatter);
  }
  const part = Object.fromEntries(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
  const local = Date.parse(
    `${part['year']}-${part['month']}-${part['day']}T${part['hour']}:${part['minute']}:${part['second']}Z`,
  );
  return local - Math.floor(at / 1_000) * 1_000;
}
