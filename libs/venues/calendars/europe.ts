import { daysOf, type Hours, MONDAY_TO_FRIDAY, type VenueRules } from '../venue-rules.js';

const LONDON_HALF: readonly Hours[] = [['08:00', '12:30']];
const XETRA_LAST: readonly Hours[] = [['09:00', '14:00']];

export const XLON: VenueRules = {
  title: 'London Stock Exchange',
  timeZone: 'Europe/London',
  weekdays: MONDAY_TO_FRIDAY,
  sessions: [['08:00', '16:30']],
  dayBegins: '00:00',
  days: {
    ...daysOf(2026, '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28'),
    ...daysOf(2026, '12-24 12-31', LONDON_HALF),
    ...daysOf(2027, '01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28'),
    ...daysOf(2027, '12-24 12-31', LONDON_HALF),
  },
  from: '2026-01-01',
  to: '2027-12-31',
  source: 'exchange_calendars, XLON',
  asOf: '2026-11-25',
};

export const XETR: VenueRules = {
  title: 'Xetra',
  timeZone: 'Europe/Berlin',
  weekdays: MONDAY_TO_FRIDAY,
  sessions: [['09:00', '17:30']],
  dayBegins: '00:00',
  days: {
    ...daysOf(2026, '01-01 04-03 04-06 05-01 12-24 12-25 12-31'),
    ...daysOf(2026, '12-30', XETRA_LAST),
    ...daysOf(2027, '01-01 03-26 03-29 12-24 12-31'),
    ...daysOf(2027, '12-30', XETRA_LAST),
  },
  from: '2026-01-01',
  to: '2027-12-31',
  source: 'deutsche-boerse-cash-market.com; the last day from exchange_calendars, settled each December',
  asOf: '2026-11-25',
};
