import { type DayRule, daysOf, type Hours, MONDAY_TO_FRIDAY, type VenueRules } from '../venue-rules.js';

const EQUITY_HOURS: readonly Hours[] = [['09:15', '15:30']];

/** Without the one-hour Muhurat sessions: their dates are known early, their hours only shortly before. */
const EQUITY_DAYS: Record<string, DayRule> = {
  ...daysOf(
    2024,
    '01-22 01-26 03-08 03-25 03-29 04-11 04-17 05-01 05-20 06-17 07-17 08-15 10-02 11-01 11-15 11-20 12-25',
  ),
  ...daysOf(2024, '01-20', EQUITY_HOURS),
  ...daysOf(2025, '02-26 03-14 03-31 04-10 04-14 04-18 05-01 08-15 08-27 10-02 10-21 10-22 11-05 12-25'),
  ...daysOf(2025, '02-01', EQUITY_HOURS),
  ...daysOf(2026, '01-15 01-26 03-03 03-26 03-31 04-03 04-14 05-01 05-28 06-26 09-14 10-02 10-20 11-10 11-24 12-25'),
  // A Sunday: the day of the budget.
  ...daysOf(2026, '02-01', EQUITY_HOURS),
  // Holidays with a fixed date, and Good Friday. Those of the moon follow with the circular of the year.
  ...daysOf(2027, '01-26 03-26 04-14'),
};

const EQUITY = {
  timeZone: 'Asia/Kolkata',
  weekdays: MONDAY_TO_FRIDAY,
  sessions: EQUITY_HOURS,
  dayBegins: '00:00',
  days: EQUITY_DAYS,
  from: '2024-01-01',
  to: '2026-12-31',
  provisionalTo: '2027-12-31',
  source: 'Circulars of the exchange; budget sessions and the election of 2026-01-15 from the press',
  asOf: '2026-11-25',
} satisfies Partial<VenueRules>;

const EVENING_ONLY: DayRule = { only: [1] };
const MORNING_ONLY: DayRule = { only: [0] };

export const NSE: VenueRules = { title: 'National Stock Exchange of India', ...EQUITY };
export const BSE: VenueRules = { title: 'BSE', ...EQUITY };

export const MCX: VenueRules = {
  title: 'Multi Commodity Exchange of India',
  timeZone: 'Asia/Kolkata',
  weekdays: MONDAY_TO_FRIDAY,
  sessions: [
    ['09:00', '17:00'],
    ['17:00', '23:30'],
  ],
  // The evening follows the American markets.
  winter: {
    timeZone: 'America/New_York',
    sessions: [
      ['09:00', '17:00'],
      ['17:00', '23:55'],
    ],
  },
  dayBegins: '00:00',
  days: {
    ...daysOf(2026, '01-26 04-03 10-02 12-25'),
    ...daysOf(2026, '01-01', MORNING_ONLY),
    ...daysOf(2026, '01-15 03-03 03-26 03-31 04-14 05-01 05-28 06-26 09-14 10-20 11-10 11-24', EVENING_ONLY),
    ...daysOf(2027, '01-26 03-26'),
    ...daysOf(2027, '04-14', EVENING_ONLY),
  },
  from: '2026-01-01',
  to: '2026-12-31',
  provisionalTo: '2027-12-31',
  source: 'Published lists of brokers (rupeezy.in) and the press; they disagree about 2026-03-26, morning',
  asOf: '2026-11-25',
};
