import { type DayRule, daysOf, type Hours, MONDAY_TO_FRIDAY, type VenueRules } from '../venue-rules.js';

/** Of New York Stock Exchange and Nasdaq (2025-01-09: the day of mourning for President Carter). */
const CLOSED: Record<string, DayRule> = {
  ...daysOf(2024, '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25'),
  ...daysOf(2025, '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25'),
  ...daysOf(2026, '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25'),
  ...daysOf(2027, '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24'),
  ...daysOf(2028, '01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25'),
};
const TO_ONE: readonly Hours[] = [['09:30', '13:00']];
const EARLY: Record<string, DayRule> = {
  ...daysOf(2024, '07-03 11-29 12-24', TO_ONE),
  ...daysOf(2025, '07-03 11-28 12-24', TO_ONE),
  ...daysOf(2026, '11-27 12-24', TO_ONE),
  ...daysOf(2027, '11-26', TO_ONE),
  ...daysOf(2028, '07-03 11-24', TO_ONE),
};

const US = {
  timeZone: 'America/New_York',
  weekdays: MONDAY_TO_FRIDAY,
  dayBegins: '00:00',
  from: '2024-01-01',
  to: '2028-12-31',
  source: 'NYSE Group, holidays and early closings 2026 to 2028, published 2025-12-23',
  asOf: '2026-11-25',
} satisfies Partial<VenueRules>;
const SHARES = { ...US, sessions: [['09:30', '16:00']], days: { ...CLOSED, ...EARLY } } satisfies Partial<VenueRules>;

export const NYSE: VenueRules = { title: 'New York Stock Exchange', ...SHARES };
export const NASDAQ: VenueRules = { title: 'Nasdaq', ...SHARES };

/** Not a market, but it keeps hours: filings are accepted from 6 to 22 Eastern on business days of the government. */
export const EDGAR: VenueRules = {
  title: 'Filings of the Securities and Exchange Commission',
  ...US,
  sessions: [['06:00', '22:00']],
  days: CLOSED,
};

const EVE = '-1 17:00';
/** Halts at noon of these holidays: the hours before belong to the next trading day. */
const halts = (year: number, days: Record<string, string>): Record<string, DayRule> =>
  Object.fromEntries(
    Object.entries(days).map(([day, joins]) => [
      `${year}-${day}`,
      { joins: `${year}-${joins}`, sessions: [[EVE, '12:00']] },
    ]),
  );
const TO_QUARTER_PAST_TWELVE: readonly Hours[] = [[EVE, '12:15']];

export const CME_EQUITY: VenueRules = {
  title: 'CME Globex, equity index futures',
  timeZone: 'America/Chicago',
  weekdays: MONDAY_TO_FRIDAY,
  sessions: [[EVE, '16:00']],
  dayBegins: EVE,
  days: {
    ...daysOf(2026, '01-01 12-25'),
    ...halts(2026, {
      '01-19': '01-20',
      '02-16': '02-17',
      '05-25': '05-26',
      '06-19': '06-22',
      '07-03': '07-06',
      '09-07': '09-08',
      '11-26': '11-27',
    }),
    // Good Friday with the report of the labour market.
    ...daysOf(2026, '04-03', [[EVE, '08:15']]),
    ...daysOf(2026, '11-27 12-24', TO_QUARTER_PAST_TWELVE),
    ...daysOf(2027, '01-01 03-26 12-24'),
    ...halts(2027, {
      '01-18': '01-19',
      '02-15': '02-16',
      '05-31': '06-01',
      '06-18': '06-21',
      '07-05': '07-06',
      '09-06': '09-07',
      '11-25': '11-26',
    }),
    ...daysOf(2027, '11-26', TO_QUARTER_PAST_TWELVE),
  },
  from: '2026-01-01',
  to: '2027-12-31',
  source: 'Holiday tables of edgeclear.com and pandas_market_calendars; 2027-03-26 follows the bond calendar',
  asOf: '2026-11-25',
};
