/** Days of a venue that differ from its week: closed, or open until another time (HH:MM, local). */
export interface SpecialDays {
  readonly closed: ReadonlySet<string>;
  readonly closesAt: ReadonlyMap<string, string>;
  /** First and last day that the table speaks of; beyond, only weekends are known. */
  readonly from: string;
  readonly to: string;
}

const days = (year: number, list: string): string[] => list.split(' ').map((day) => `${year}-${day}`);

/** New York Stock Exchange and Nasdaq, from their published calendars (2025-01-09: the day of mourning for President Carter). */
const US_CLOSED = [
  ...days(2024, '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25'),
  ...days(2025, '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25'),
  ...days(2026, '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25'),
  ...days(2027, '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24'),
  ...days(2028, '01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25'),
];
const US_EARLY = [
  ...days(2024, '07-03 11-29 12-24'),
  ...days(2025, '07-03 11-28 12-24'),
  ...days(2026, '11-27 12-24'),
  ...days(2027, '11-26'),
  ...days(2028, '07-03 11-24'),
];

/**
 * National Stock Exchange of India, capital market segment, from its circulars; weekend holidays left out. A holiday of the
 * moon is known only once the circular of the year is out, so the table ends with 2026.
 */
const NSE_CLOSED = [
  ...days(
    2024,
    '01-22 01-26 03-08 03-25 03-29 04-11 04-17 05-01 05-20 06-17 07-17 08-15 10-02 11-01 11-15 11-20 12-25',
  ),
  ...days(2025, '02-26 03-14 03-31 04-10 04-14 04-18 05-01 08-15 08-27 10-02 10-21 10-22 11-05 12-25'),
  ...days(2026, '01-15 01-26 03-03 03-26 03-31 04-03 04-14 05-01 05-28 06-26 09-14 10-02 10-20 11-10 11-24 12-25'),
];

export const US_DAYS: SpecialDays = {
  closed: new Set(US_CLOSED),
  closesAt: new Map(US_EARLY.map((day) => [day, '13:00'])),
  from: '2024-01-01',
  to: '2028-12-31',
};

export const NSE_DAYS: SpecialDays = {
  closed: new Set(NSE_CLOSED),
  closesAt: new Map(),
  from: '2024-01-01',
  to: '2026-12-31',
};
