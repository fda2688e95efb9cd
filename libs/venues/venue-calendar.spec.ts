import { CALENDARS, VENUE_NAMES, type VenueName } from './calendars/calendars.js';
import { VenueCalendar } from './venue-calendar.js';
import { ALWAYS_OPEN } from './venue-hours.js';

const at = (text: string) => Date.parse(text);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const calendars = Object.fromEntries(VENUE_NAMES.map((name) => [name, new VenueCalendar(CALENDARS[name])])) as Record<
  VenueName,
  VenueCalendar
>;

describe('the hours of a venue', () => {
  it.each<[VenueName, string, boolean, string]>([
    ['NYSE', '2026-11-04T14:29:59Z', false, 'a second before the opening, in winter'],
    ['NYSE', '2026-11-04T14:30:00Z', true, 'at the opening'],
    ['NYSE', '2026-11-04T20:59:59Z', true, 'a second before the close'],
    ['NYSE', '2026-11-04T21:00:00Z', false, 'at the close'],
    ['NASDAQ', '2026-07-01T13:30:00Z', true, 'at the opening, in summer'],
    ['NASDAQ', '2026-07-01T13:29:59Z', false, 'a second before'],
    ['NYSE', '2026-11-07T16:00:00Z', false, 'on a Saturday'],
    ['NYSE', '2026-11-26T16:00:00Z', false, 'on Thanksgiving'],
    ['NYSE', '2026-11-27T17:59:59Z', true, 'the day after, until one'],
    ['NYSE', '2026-11-27T18:00:00Z', false, 'and no longer'],
    ['NYSE', '2025-01-09T16:00:00Z', false, 'on a day of mourning'],
    ['NYSE', '2026-07-03T16:00:00Z', false, 'on Friday for a Saturday of July 4'],
    ['NSE', '2026-08-17T03:45:00Z', true, 'at 9:15 in India'],
    ['NSE', '2026-08-17T10:00:00Z', false, 'at 15:30 in India'],
    ['NSE', '2026-01-26T06:00:00Z', false, 'on Republic Day'],
    ['EDGAR', '2025-12-12T23:02:34Z', true, 'on a Friday evening'],
    ['EDGAR', '2025-12-13T03:00:00Z', false, 'at ten'],
  ])('%s at %s: %s, %s', (venue, moment, open) => {
    expect(calendars[venue].isOpen(at(moment))).toBe(open);
  });

  it('a venue without a calendar is always open', () => {
    expect(ALWAYS_OPEN.isOpen(at('2026-12-25T03:00:00Z'))).toBe(true);
    expect(ALWAYS_OPEN.openMsBetween(1_000, 5_000)).toBe(4_000);
    expect(ALWAYS_OPEN.openMsBetween(5_000, 1_000)).toBe(0);
  });

  it('follow the clocks: the Monday after the change opens an hour later in UTC', () => {
    expect([
      calendars.NYSE.isOpen(at('2026-10-30T13:30:00Z')),
      calendars.NYSE.isOpen(at('2026-11-02T13:30:00Z')),
      calendars.NYSE.isOpen(at('2026-11-02T14:30:00Z')),
    ]).toEqual([true, false, true]);
  });
});

describe('market time between two moments', () => {
  it.each([
    ['2026-11-04T15:00:00Z', '2026-11-04T16:30:00Z', 1.5, 'within a session'],
    ['2026-11-04T20:00:00Z', '2026-11-05T15:30:00Z', 2, 'over a night: the last hour and the first'],
    ['2026-11-06T20:30:00Z', '2026-11-09T15:00:00Z', 1, 'over a weekend'],
    ['2026-11-25T21:00:00Z', '2026-11-30T14:30:00Z', 3.5, 'over Thanksgiving: half a Friday'],
    ['2026-11-07T10:00:00Z', '2026-11-08T10:00:00Z', 0, 'on a weekend'],
    ['2026-11-04T16:00:00Z', '2026-11-04T15:00:00Z', 0, 'backwards'],
  ])('the market time from %s to %s is %s hours, %s', (from, to, hours) => {
    expect(calendars.NYSE.openMsBetween(at(from), at(to))).toBe(hours * HOUR);
  });

  it('market time is counted for at most thirty days', () => {
    expect(calendars.NYSE.openMsBetween(0, at('2026-11-04T16:00:00Z'))).toBe(
      calendars.NYSE.openMsBetween(at('2026-10-05T16:00:00Z'), at('2026-11-04T16:00:00Z')),
    );
  });
});

// Each as a wall clock at the venue: open or not, and the newest trading day that has begun.
describe('the trading day of a moment', () => {
  it.each<[VenueName, string, boolean, string, string]>([
    ['NSE', '2026-02-01T04:30:00Z', true, '2026-02-01', 'a Sunday, with a session for the budget'],
    ['NSE', '2026-02-01T03:00:00Z', false, '2026-02-01', 'that Sunday before the opening'],
    ['NSE', '2026-01-31T06:00:00Z', false, '2026-01-30', 'the Saturday before'],
    ['NSE', '2026-01-15T04:30:00Z', false, '2026-01-14', 'an election, declared three days before'],
    ['NSE', '2026-11-24T04:30:00Z', false, '2026-11-23', 'a holiday'],
    ['MCX', '2026-11-24T04:30:00Z', false, '2026-11-24', 'the morning is off'],
    ['MCX', '2026-11-24T12:30:00Z', true, '2026-11-24', 'and the evening is on'],
    ['MCX', '2026-11-24T18:20:00Z', true, '2026-11-24', 'until 23:55 while America has winter time'],
    ['MCX', '2026-07-01T18:20:00Z', false, '2026-07-01', 'and until 23:30 in summer'],
    ['NYSE', '2026-11-27T18:30:00Z', false, '2026-11-27', 'after an early close'],
    ['NYSE', '2026-11-28T17:00:00Z', false, '2026-11-27', 'Saturday: still the day of Friday'],
    ['NYSE', '2027-12-24T17:00:00Z', false, '2027-12-23', 'Christmas on the Friday before'],
    ['CME_EQUITY', '2026-11-22T23:30:00Z', true, '2026-11-23', 'Sunday evening is the day of Monday'],
    ['CME_EQUITY', '2026-11-24T22:30:00Z', false, '2026-11-24', 'the hour of maintenance'],
    ['CME_EQUITY', '2026-01-19T15:00:00Z', true, '2026-01-20', 'a holiday that trades until noon as the next day'],
    ['CME_EQUITY', '2026-01-19T19:00:00Z', false, '2026-01-20', 'and is halted in the afternoon'],
    ['XLON', '2026-12-24T13:00:00Z', false, '2026-12-24', 'after a half day'],
    ['XETR', '2026-05-25T10:00:00Z', true, '2026-05-25', 'Whit Monday'],
    ['XETR', '2026-12-30T14:00:00Z', false, '2026-12-30', 'the last day, until 14:00'],
    ['XTKS', '2026-09-22T01:00:00Z', false, '2026-09-18', 'a day between two holidays'],
    ['XTKS', '2026-11-25T03:00:00Z', false, '2026-11-25', 'lunch'],
    ['XTKS', '2026-11-25T06:15:00Z', true, '2026-11-25', 'until 15:30'],
    ['XHKG', '2026-12-24T05:30:00Z', false, '2026-12-24', 'a half day'],
    ['FX', '2026-11-22T22:30:00Z', true, '2026-11-23', 'Sunday 17:30 in New York is the day of Monday'],
    ['FX', '2026-11-27T22:30:00Z', false, '2026-11-27', 'Friday after 17:00'],
    ['CRYPTO', '2026-12-25T23:59:59Z', true, '2026-12-25', 'the day of UTC'],
  ])('%s at %s: open %s, %s (%s)', (venue, moment, open, day) => {
    expect([calendars[venue].isOpen(at(moment)), calendars[venue].sessionDay(at(moment))]).toEqual([open, day]);
  });

  it.each<[VenueName, string, string, string]>([
    ['NSE', '2026-11-25', '2026-11-23', 'a holiday lies between'],
    ['NYSE', '2026-11-30', '2026-11-27', 'a weekend lies between'],
    ['CME_EQUITY', '2026-01-20', '2026-01-16', 'the holiday was not a trading day of its own'],
    ['CRYPTO', '2027-01-01', '2026-12-31', 'every day counts'],
  ])('the trading day of %s before %s is %s: %s', (venue, day, before) => {
    expect(calendars[venue].previousDay(day)).toBe(before);
  });

  it('the trading day follows a correction: a day closed at short notice, and a Sunday opened', () => {
    const corrected = new VenueCalendar(
      CALENDARS.NSE,
      new Map([
        ['2026-12-01', []],
        ['2026-11-29', [['18:00', '19:00']]],
      ]),
    );
    expect(corrected.sessionDay(at('2026-12-01T06:00:00Z'))).toBe('2026-11-30');
    expect(corrected.isOpen(at('2026-11-29T12:45:00Z'))).toBe(true);
    expect(corrected.previousDay('2026-11-30')).toBe('2026-11-29');
  });
});

describe('the tables', () => {
  it('a calendar reports unknown days: NSE has published nothing for 2027', () => {
    expect([calendars.NSE.isKnown('2026-12-31'), calendars.NSE.isKnown('2027-01-04')]).toEqual([true, false]);
    expect(calendars.FX.isKnown('2099-01-05')).toBe(true);
  });

  // When it fails: add the next year from the source that the calendar names.
  it.each(VENUE_NAMES)('%s reaches at least 60 days ahead', (venue) => {
    const { to, provisionalTo } = CALENDARS[venue] as VenueCalendar['rules'];
    const end = provisionalTo ?? to;
    expect(end === null || at(end) > Date.now() + 60 * DAY).toBe(true);
  });

  it.each(VENUE_NAMES)('%s names only days that differ from its week', (venue) => {
    const { days, weekdays, from, to, provisionalTo } = CALENDARS[venue] as VenueCalendar['rules'];
    const same = Object.entries(days).filter(([day, rule]) => {
      const usual = weekdays.includes(new Date(`${day}T12:00:00Z`).getUTCDay());
      return Array.isArray(rule) && rule.length === 0 && !usual;
    });
    expect(same).toEqual([]);
    expect(Object.keys(days).filter((day) => day < from || day > (provisionalTo ?? to ?? day))).toEqual([]);
  });
});
