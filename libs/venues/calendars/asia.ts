import { daysOf, type Hours, MONDAY_TO_FRIDAY, type VenueRules } from '../venue-rules.js';

const HONG_KONG_MORNING: readonly Hours[] = [['09:30', '12:00']];

export const XTKS: VenueRules = {
  title: 'Tokyo Stock Exchange',
  timeZone: 'Asia/Tokyo',
  weekdays: MONDAY_TO_FRIDAY,
  sessions: [
    ['09:00', '11:30'],
    ['12:30', '15:30'],
  ],
  dayBegins: '00:00',
  days: {
    ...daysOf(
      2026,
      '01-01 01-02 01-12 02-11 02-23 03-20 04-29 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23 12-31',
    ),
    ...daysOf(
      2027,
      '01-01 01-11 02-11 02-23 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23 12-31',
    ),
  },
  from: '2026-01-01',
  to: '2027-12-31',
  source: 'exchange_calendars, XTKS',
  asOf: '2026-11-25',
};

export const XHKG: VenueRules = {
  title: 'Hong Kong Exchanges and Clearing',
  timeZone: 'Asia/Hong_Kong',
  weekdays: MONDAY_TO_FRIDAY,
  sessions: [
    ['09:30', '12:00'],
    ['13:00', '16:00'],
  ],
  dayBegins: '00:00',
  days: {
    ...daysOf(2026, '01-01 02-17 02-18 02-19 04-03 04-06 04-07 05-01 05-25 06-19 07-01 10-01 10-19 12-25'),
    ...daysOf(2026, '02-16 12-24 12-31', HONG_KONG_MORNING),
    ...daysOf(2027, '01-01 02-08 02-09 03-26 03-29 04-05 05-13 06-09 07-01 09-16 10-01 10-08 12-27'),
    ...daysOf(2027, '02-05 12-24 12-31', HONG_KONG_MORNING),
  },
  from: '2026-01-01',
  to: '2027-12-31',
  source: 'exchange_calendars, XHKG',
  asOf: '2026-11-25',
};
