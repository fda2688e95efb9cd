import { LRUCache } from 'lru-cache';
import { dayIn, daysAfter, momentIn } from '#time';
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

const CLOSED: Session = { opens: 0, closes: 0 };
/** Sessions by venue and day; a few hundred, since only recent days are asked for. */
const sessions = new LRUCache<string, Session>({ max: 2_000 });

/** Whether the venue is open at that moment; `null` is a venue that never closes. Pure: the moment is given, no clock is read. */
export function isOpen(venue: VenueName | null, at: number): boolean {
  if (venue === null) return true;
  const { opens, closes } = sessionOf(venue, dayIn(VENUES[venue].timeZone, new Date(at)));
  return at >= opens && at < closes;
}

/** How much of the time between two moments the venue was open, ms; at most that of the last 30 days. */
export function openMsBetween(venue: VenueName | null, from: number, to: number): number {
  if (to <= from) return 0;
  if (venue === null) return to - from;
  const begin = Math.max(from, to - LOOK_BACK_DAYS * DAY);
  const [first, last] = [begin, to].map((at) => dayIn(VENUES[venue].timeZone, new Date(at)));
  let open = 0;
  for (let day = first!; day <= last!; day = daysAfter(day, 1)) {
    const { opens, closes } = sessionOf(venue, day);
    open += Math.max(0, Math.min(to, closes) - Math.max(begin, opens));
  }
  return open;
}

function sessionOf(venue: VenueName, day: string): Session {
  const key = `${venue} ${day}`;
  let session = sessions.get(key);
  if (session === undefined) sessions.set(key, (session = makeSession(VENUES[venue], day)));
  return session;
}

function makeSession({ timeZone, opens, closes, special }: Venue, day: string): Session {
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
  if (weekday === 0 || weekday === 6 || special.closed.has(day)) return CLOSED;
  return {
    opens: momentIn(timeZone, day, opens)!.getTime(),
    closes: momentIn(timeZone, day, special.closesAt.get(day) ?? closes)!.getTime(),
  };
}
