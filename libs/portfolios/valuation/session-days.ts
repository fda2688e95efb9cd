import { dayIn, daysAfter, momentIn } from '#time';

/** What valuation asks of a calendar. A venue's calendar has it. Days are YYYY-MM-DD, times are ms since 1970. */
export interface SessionCalendar {
  sessionDay(at: number): string;
  previousDay(tradingDay: string): string;
  day(day: string): { tradingDay: string | null; begins: number };
  openMsBetween(from: number, to: number): number;
}

/** A session day: it lasts until the next one begins. */
export interface SessionSpan {
  day: string;
  previous: string;
  begins: number;
  ends: number;
}

const DAY_MS = 86_400_000;
/** Longest pause between two trading days that is looked through, in days. */
const PAUSE_DAYS = 30;
const SPANS_KEPT = 16;
const COUNTS_KEPT = 1_000;

/** The session days of a calendar. Remembers the spans it found: a calendar takes 20 µs for one moment, this 0.1 µs. */
export class SessionDays {
  private readonly spans: SessionSpan[] = [];
  /** By limit, then by moment. */
  private readonly staleLimits = new Map<number, Map<number, number>>();
  private readonly counted = new Map<string, number>();

  constructor(private readonly calendar: SessionCalendar) {}

  at(moment: number): SessionSpan {
    const known = this.spans.find(({ begins, ends }) => moment >= begins && moment < ends);
    if (known !== undefined) return known;
    const day = this.calendar.sessionDay(moment);
    const [begins, ends] = [this.beginOf(day, moment), this.beginAfter(day, moment)];
    const span = { day, previous: this.calendar.previousDay(day), begins, ends };
    if (this.spans.length === SPANS_KEPT) this.spans.shift();
    this.spans.push(span);
    return span;
  }

  /** The first session day on or after a day of the calendar, and when it begins. Asks for few days, so that a chart of years may. */
  onOrAfter(day: string): { day: string; begins: number } {
    for (let ahead = 0; ahead <= PAUSE_DAYS; ahead++) {
      const { tradingDay, begins } = this.calendar.day(daysAfter(day, ahead));
      if (tradingDay !== null && tradingDay >= day)
        return { day: tradingDay, begins: this.beginOf(tradingDay, begins, daysAfter(day, ahead)) };
    }
    const { begins } = this.calendar.day(day);
    return this.at(begins);
  }

  /** How many session days lie between two days, counted to at most `most`. */
  daysBetween(earlier: string, later: string, most: number): number {
    const name = `${earlier} ${later} ${most}`;
    let count = this.counted.get(name);
    if (count === undefined) {
      count = 0;
      for (let day = later; day > earlier && count < most; count++) day = this.calendar.previousDay(day);
      if (this.counted.size === COUNTS_KEPT) this.counted.clear();
      this.counted.set(name, count);
    }
    return count;
  }

  /** Whether more than `limitMs` of open time has passed since a price. Once it is, it stays so at all later moments. */
  isStale(pricedAt: number, moment: number, limitMs: number): boolean {
    return moment - pricedAt > limitMs && pricedAt < this.staleBefore(moment, limitMs);
  }

  /** A price that is older than this, to the ms, has seen more than `limitMs` of open time pass. It never goes back. */
  staleBefore(moment: number, limitMs: number): number {
    let known = this.staleLimits.get(limitMs);
    if (known === undefined) this.staleLimits.set(limitMs, (known = new Map()));
    let found = known.get(moment);
    if (found === undefined) {
      let [young, old] = [moment, moment - PAUSE_DAYS * DAY_MS];
      while (young - old > 1) {
        const middle = Math.floor((young + old) / 2);
        if (this.calendar.openMsBetween(middle, moment) > limitMs) old = middle;
        else young = middle;
      }
      if (known.size === SPANS_KEPT) known.clear();
      known.set(moment, (found = young));
    }
    return found;
  }

  /** The earliest begin of the days whose sessions belong to `day`: on American holidays CME has two of them. */
  private beginOf(day: string, moment: number, from = day): number {
    let begins = this.calendar.day(from).begins;
    for (let back = 1; back <= PAUSE_DAYS; back++) {
      const before = this.calendar.day(daysAfter(from, -back));
      if (before.tradingDay === day) begins = before.begins;
      else if (before.tradingDay !== null) break;
    }
    return Math.min(begins, moment);
  }

  private beginAfter(day: string, moment: number): number {
    for (let ahead = 1; ahead <= PAUSE_DAYS; ahead++) {
      const next = this.calendar.day(daysAfter(day, ahead));
      if (next.tradingDay !== null && next.tradingDay > day && next.begins > moment) return next.begins;
    }
    return moment + 1;
  }
}

/** When the day of a portfolio changes: `HH:MM` in a time zone. From noon on it is the eve of the day that begins. */
export interface DayRoll {
  timeZone: string;
  at: string;
}

/** Used for positions without a venue whose portfolio names no roll. */
export const UTC_MIDNIGHT: DayRoll = { timeZone: 'UTC', at: '00:00' };

/** Days that change at a broker's own time. Its trading days and open hours are those of the venue; without one, all. */
export class RollCalendar implements SessionCalendar {
  constructor(
    private readonly roll: DayRoll,
    private readonly venue: SessionCalendar | null,
  ) {}

  sessionDay(at: number): string {
    const today = dayIn(this.roll.timeZone, new Date(at));
    for (let back = -1; back <= PAUSE_DAYS; back++) {
      const { tradingDay, begins } = this.day(daysAfter(today, -back));
      if (tradingDay !== null && at >= begins) return tradingDay;
    }
    return today;
  }

  previousDay(tradingDay: string): string {
    return this.venue === null ? daysAfter(tradingDay, -1) : this.venue.previousDay(tradingDay);
  }

  day(day: string): { tradingDay: string | null; begins: number } {
    const { timeZone, at } = this.roll;
    const begins = momentIn(timeZone, at >= '12:00' ? daysAfter(day, -1) : day, at)!.getTime();
    return { tradingDay: this.venue === null ? day : this.venue.day(day).tradingDay, begins };
  }

  openMsBetween(from: number, to: number): number {
    return this.venue === null ? Math.max(0, to - from) : this.venue.openMsBetween(from, to);
  }
}
