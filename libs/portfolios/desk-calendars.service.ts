import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { VenueCalendar, type VenueName, Venues } from '#venues';
import { type DayRoll, RollCalendar, SessionDays, UTC_MIDNIGHT } from './valuation/session-days.js';

/** Combinations of a venue and a broker's own roll that are remembered. */
const KEPT = 500;

/** The session days of a position: those of its venue, or those of a broker's own roll. */
@Injectable()
export class DeskCalendarsService {
  private readonly found = new LRUCache<string, { calendar: VenueCalendar | null; days: SessionDays }>({ max: KEPT });

  constructor(private readonly venues: Venues) {}

  /** The same object as long as no day of a venue is corrected. */
  get generation(): object {
    return this.venues.generation;
  }

  /** Positions without a venue change their day at midnight in UTC, and all their days are trading days. */
  daysOf(venue: VenueName | null, roll: DayRoll | null): SessionDays {
    const name = `${venue} ${roll?.timeZone} ${roll?.at}`;
    const calendar = venue === null ? null : this.venues.calendar(venue);
    const known = this.found.get(name);
    // A corrected day makes new calendars.
    if (known?.calendar === calendar && known !== undefined) return known.days;
    const days = new SessionDays(
      roll === null && calendar !== null ? calendar : new RollCalendar(roll ?? UTC_MIDNIGHT, calendar),
    );
    this.found.set(name, { calendar, days });
    return days;
  }
}
