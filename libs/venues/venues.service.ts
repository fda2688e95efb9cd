import { Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import { Transactions } from '#database';
import { EventLog } from '#events';
import { invalidRequest } from '#http';
import { Clock, daysAfter } from '#time';
import { VENUE_NAMES, type VenueName } from './calendars/calendars.js';
import type { PutVenueDay, VenueDaysQuery, VenueDaysView, VenueDayView, VenuesView } from './venue.dto.js';
import { VenueDaysRepository } from './venue-days.repository.js';
import { VenueDayCorrected } from './venue-events.js';
import { Venues } from './venues.js';

const DAYS_SHOWN = 30;
const DAYS_SHOWN_MAX = 400;

/** Shows the calendars and lets operators correct a day. */
@Injectable()
export class VenuesService {
  constructor(
    private readonly venues: Venues,
    private readonly days: VenueDaysRepository,
    private readonly events: EventLog,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  list(): VenuesView {
    const now = this.clock.now().getTime();
    return {
      items: VENUE_NAMES.map((name) => {
        const calendar = this.venues.calendar(name);
        const { title, timeZone, to, source, asOf } = calendar.rules;
        const sessionDay = calendar.sessionDay(now);
        const previousDay = calendar.previousDay(sessionDay);
        return {
          name,
          title,
          timeZone,
          open: calendar.isOpen(now),
          sessionDay,
          previousDay,
          knownTo: to,
          source,
          asOf,
        };
      }),
    };
  }

  /** @throws DomainError REQUEST_INVALID for a range that ends before it begins or is longer than 400 days */
  show(venue: VenueName, query: VenueDaysQuery): VenueDaysView {
    const calendar = this.venues.calendar(venue);
    const from = query.from ?? calendar.localDay(this.clock.now().getTime());
    const to = query.to ?? daysAfter(from, DAYS_SHOWN - 1);
    const last = daysAfter(from, DAYS_SHOWN_MAX - 1);
    if (to < from || to > last)
      throw invalidRequest(
        [{ field: 'to', seen: to, allowed: `a day from ${from} to ${last}` }],
        `A calendar is shown for at most ${DAYS_SHOWN_MAX} days at once.`,
      );
    const days: VenueDayView[] = [];
    for (let day = from; day <= to; day = daysAfter(day, 1)) days.push(this.view(venue, day));
    return { venue, timeZone: calendar.rules.timeZone, days };
  }

  /** In force in this process when it returns, in the others a moment later. */
  async correct(principal: Principal, venue: VenueName, { day, sessions, reason }: PutVenueDay): Promise<VenueDayView> {
    await this.transactions.atomic(async () => {
      if (sessions !== null) await this.days.put({ venue, day, rule: sessions, reason }, principal.userId);
      else if (!(await this.days.remove(venue, day))) return;
      await this.events.record({
        type: VenueDayCorrected.type,
        occurredAt: this.clock.now(),
        payload: { venue, day, sessions, reason, changedBy: principal.userId },
      });
    });
    await this.venues.load();
    return this.view(venue, day);
  }

  private view(venue: VenueName, day: string): VenueDayView {
    const calendar = this.venues.calendar(venue);
    const { tradingDay, sessions } = calendar.day(day);
    const iso = (ms: number) => new Date(ms).toISOString();
    return {
      day,
      tradingDay,
      sessions: sessions.map(({ opens, closes }) => ({ opens: iso(opens), closes: iso(closes) })),
      known: calendar.isKnown(day),
      correction: this.venues.reasonOf(venue, day) ?? null,
    };
  }
}
