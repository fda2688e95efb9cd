import { instant, isAhead } from './instant.js';

describe('an instant', () => {
  it.each([
    ['2026-08-17T09:15:00+05:30', '2026-08-17T03:45:00.000000Z'],
    ['2026-08-17T03:45:00.1Z', '2026-08-17T03:45:00.100000Z'],
    ['2026-08-17T03:45:00.123456Z', '2026-08-17T03:45:00.123456Z'],
    ['2026-08-17T03:45:00.123456999Z', '2026-08-17T03:45:00.123456Z'],
    ['2026-01-01T00:00:00.5-23:59', '2026-01-01T23:59:00.500000Z'],
  ])('writes %s in UTC with all its microseconds', (text, utc) => expect(instant(text)).toBe(utc));

  it('orders two ticks of one millisecond', () => {
    expect(instant('2026-08-17T09:15:00.000001+05:30') < instant('2026-08-17T03:45:00.000002Z')).toBe(true);
  });

  it('is ahead only past the tolerance', () => {
    const now = Date.parse('2026-08-17T00:00:00Z');
    expect(isAhead('2026-08-17T00:05:00.000000Z', now, 300_000)).toBe(false);
    expect(isAhead('2026-08-17T00:05:00.001000Z', now, 300_000)).toBe(true);
  });
});
