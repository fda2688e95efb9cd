import { shownTime, utcTime } from './timestamp.js';

describe('a time in UTC', () => {
  it.each([
    ['2026-08-17T09:15:00+05:30', '2026-08-17T03:45:00.000000Z'],
    ['2026-08-17T03:45:00.1Z', '2026-08-17T03:45:00.100000Z'],
    ['2026-08-17T03:45:00.123456Z', '2026-08-17T03:45:00.123456Z'],
    ['2026-08-17T03:45:00.123456999Z', '2026-08-17T03:45:00.123456Z'],
    ['2026-01-01T00:00:00.5-23:59', '2026-01-01T23:59:00.500000Z'],
  ])('the time %s in UTC is %s, with all its microseconds', (text, utc) => expect(utcTime(text)).toBe(utc));

  it('compares as a string, within one millisecond too', () => {
    expect(utcTime('2026-08-17T09:15:00.000001+05:30') < utcTime('2026-08-17T03:45:00.000002Z')).toBe(true);
  });
});

describe('a time in an answer', () => {
  it('a time is shown with three decimals, and further ones are dropped', () => {
    expect(shownTime('2026-08-17T03:45:00.123999Z')).toBe('2026-08-17T03:45:00.123Z');
    expect(shownTime(utcTime('2026-08-17T09:15:00+05:30'))).toBe('2026-08-17T03:45:00.000Z');
    expect(shownTime(null)).toBeNull();
  });
});
