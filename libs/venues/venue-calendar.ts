import { LRUCache } from 'lru-cache';
import { dayIn, daysAfter, momentIn } from '#time';
import type { DayRule, Hours, VenueRules } from './venue-rules.js';

/** A session in ms since 1970: open from `opens` until before `closes`. */
export interface VenueSession {
  opens: number;
  closes: number;
}

/** A day of the calendar. */
export interface VenueDay {
  /** YYYY-MM-DD, local. */
  day: string;
  /** The trading day that its sessions belong to; null without sessions. */
  tradingDay: string | null;
  sessions: readonly VenueSession[];
  /** When its trading day begins, ms since 1970. */
  begins: number;
}

const DAY_MS = 86_400_000;
/** Maximum counted market time. A feed that was silent for this long is stale by every measure. */
const LOOK_BACK_DAYS = 30;
/** Number of days cached per venue. Only recent ones are requested. */
const DAYS_KEPT = 400;

/** When a venue is open, and which trading day a moment belongs to. Pure: the moment is given, no clock is read. */
export class VenueCalendar {
  private readonly days = new LRUCache<string, VenueDay>({ max: DAYS_KEPT });

  /** @param corrections days that replace those of the rules, by YYYY-MM-DD */
  constructor(
    readonly rules: VenueRules,
    readonly corrections: ReadonlyMap<string, DayRule> = new Map(),
  ) {}

  isOpen(at: number): boolean {
    const today = this.localDay(at);
    return [today, daysAfter(today, 1)].some((day) =>
      this.day(day).sessions.some(({ opens, closes }) => at >= opens && at < closes),
    );
  }

  /** How much of the time between two moments the venue was open, ms; at most that of the last 30 days. */
  openMsBetween(from: number, to: number): number {
    if (to <= from) return 0;
    const begin = Math.max(from, to - LOOK_BACK_DAYS * DAY_MS);
    const last = daysAfter(this.localDay(to), 1);
    let open = 0;
    for (let day = this.localDay(begin); day <= last; day = daysAfter(day, 1))
      for (const { opens, closes } of this.day(day).sessions)
        open += Math.max(0, Math.min(to, closes) - Math.max(begin, opens));
    return open;
  }

  /** The newest trading day that has begun, YYYY-MM-DD: on a Saturday that of Friday. The local day if none has in 30 days. */
  sessionDay(at: number): string {
    const today = this.localDay(at);
    for (let back = -1; back <= LOOK_BACK_DAYS; back++) {
      const { tradingDay, begins } = this.day(daysAfter(today, -back));
      if (tradingDay !== null && at >= begins) return tradingDay;
    }
    return today;
  }

  /** The trading day before a trading day. */
  previousDay(tradingDay: string): string {
    for (let back = 1; back <= LOOK_BACK_DAYS; back++) {
      const before = this.day(daysAfter(tradingDay, -back)).tradingDay;
      if (before !== null && before < tradingDay) return before;
    }
    return daysAfter(tradingDay, -1);
  }

  /** Whether the table speaks of a day. Beyond it only the week is known, and perhaps the holidays with a fixed date. */
  isKnown(day: string): boolean {
    const { from, to } = this.rules;
    return this.corrections.has(day) || (day >= from && (to === null || day <= to));
  }

  /** @param day YYYY-MM-DD, local */
  day(day: string): VenueDay {
    let found = this.days.get(day);
    if (found === undefined) this.days.set(day, (found = this.make(day)));
    return found;
  }

  localDay(at: number): string {
    return dayIn(this.rules.timeZone, new Date(at));
  }

  private make(day: string): VenueDay {
    const { hours, joins } = this.hoursOf(day);
    return {
      day,
      tradingDay: hours.length === 0 ? null : joins,
      sessions: hours.map(([opens, closes]) => ({ opens: this.moment(day, opens), closes: this.moment(day, closes) })),
      begins: this.moment(day, this.rules.dayBegins),
    };
  }

  private hoursOf(day: string): { hours: readonly Hours[]; joins: string } {
    const rule = this.corrections.get(day) ?? this.rules.days[day];
    if (rule === undefined) {
      const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
      return { hours: this.rules.weekdays.includes(weekday) ? this.usual(day) : [], joins: day };
    }
    if ('joins' in rule) return { hours: rule.sessions, joins: rule.joins };
    if ('only' in rule) return { hours: this.usual(day).filter((_, part) => rule.only.includes(part)), joins: day };
    return { hours: rule, joins: day };
  }

  private usual(day: string): readonly Hours[] {
    const { winter, sessions } = this.rules;
    return winter !== undefined && hasWinterTime(winter.timeZone, day) ? winter.sessions : sessions;
  }

  private moment(day: string, time: string): number {
    if (time === '24:00') return momentIn(this.rules.timeZone, daysAfter(day, 1), '00:00')!.getTime();
    const [first, second] = time.split(' ');
    return (
      second === undefined
        ? momentIn(this.rules.timeZone, day, first!)
        : momentIn(this.rules.timeZone, daysAfter(day, Number(first)), second)
    )!.getTime();
  }
}

function hasWinterTime(timeZone: string, day: string): boolean {
  const offset = (date: string) => momentIn(timeZone, date, '12:00')!.getTime() - Date.parse(`${date}T12:00:00Z`);
  return offset(day) === offset(`${day.slice(0, 4)}-01-02`);
}
