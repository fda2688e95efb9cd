import { isDeepStrictEqual } from 'node:util';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background, BackgroundTasks } from '#background';
import { Changes } from '#changes';
import { Clock } from '#time';
import { CALENDARS, VENUE_NAMES, type VenueName } from './calendars/calendars.js';
import { VenueCalendar } from './venue-calendar.js';
import { VenueDaysRepository } from './venue-days.repository.js';
import { ALWAYS_OPEN, type VenueHours } from './venue-hours.js';
import type { DayRule } from './venue-rules.js';

const TASK = 'venues-days';

/** The calendars of all venues with the days that operators have corrected, in memory. */
@Injectable()
export class Venues implements OnModuleInit, OnModuleDestroy {
  private calendars = calendarsWith(new Map());
  private corrections = new Map<VenueName, Map<string, DayRule>>();
  private reasons = new Map<string, string>();
  private stopListening: (() => void) | undefined;

  constructor(
    private readonly days: VenueDaysRepository,
    private readonly changes: Changes,
    private readonly tasks: BackgroundTasks,
    private readonly clock: Clock,
    @InjectMetric('venues_calendar_remaining_seconds') private readonly remaining: Gauge<'venue'>,
  ) {}

  onModuleInit(): void {
    this.stopListening = this.changes.onChange('venues', () => this.tasks.wake(TASK));
  }

  onModuleDestroy(): void {
    this.stopListening?.();
  }

  /** The same object as long as no day is corrected. */
  get generation(): object {
    return this.calendars;
  }

  calendar(venue: VenueName): VenueCalendar {
    return this.calendars[venue];
  }

  /** @param venue null keeps no hours: it is always open */
  hours(venue: VenueName | null): VenueHours {
    return venue === null ? ALWAYS_OPEN : this.calendars[venue];
  }

  /** Why a day was corrected, or undefined. */
  reasonOf(venue: VenueName, day: string): string | undefined {
    return this.reasons.get(`${venue} ${day}`);
  }

  /**
   * Reads the corrected days. The change feed wakes it in every process, and the interval bounds the delay of a lost
   * hint.
   */
  @Background({ name: TASK, every: 60_000, atStart: true, role: 'every-process', whenReadOnly: 'run' })
  async load(): Promise<void> {
    const corrected = await this.days.all();
    const byVenue = new Map<VenueName, Map<string, DayRule>>();
    for (const { venue, day, rule } of corrected)
      byVenue.set(venue, (byVenue.get(venue) ?? new Map<string, DayRule>()).set(day, rule));
    // Calendars that stay remember the days that they have worked out.
    if (!isDeepStrictEqual(byVenue, this.corrections)) this.calendars = calendarsWith(byVenue);
    this.corrections = byVenue;
    this.reasons = new Map(corrected.map(({ venue, day, reason }) => [`${venue} ${day}`, reason]));
    for (const venue of VENUE_NAMES) {
      const { to } = CALENDARS[venue];
      if (to !== null) this.remaining.set({ venue }, (Date.parse(to) - this.clock.now().getTime()) / 1_000);
    }
  }
}

function calendarsWith(
  corrections: ReadonlyMap<VenueName, ReadonlyMap<string, DayRule>>,
): Record<VenueName, VenueCalendar> {
  const entries = VENUE_NAMES.map((name) => [name, new VenueCalendar(CALENDARS[name], corrections.get(name))] as const);
  return Object.fromEntries(entries) as Record<VenueName, VenueCalendar>;
}
