import { hasEnd, type QuietHours, quietUntil } from './quiet-hours.js';

const hours = (timeZone: string, ...windows: QuietHours['windows']): QuietHours => ({ timeZone, windows });
const until = (given: QuietHours, now: string): string | undefined => quietUntil(given, new Date(now))?.toISOString();

describe('quiet hours', () => {
  const nights = hours('Asia/Kolkata', { from: '22:00', to: '07:00' });

  it('last from their start to just before their end, over midnight', () => {
    expect(until(nights, '2026-08-17T16:29:59Z')).toBeUndefined();
    expect(until(nights, '2026-08-17T16:30:00Z')).toBe('2026-08-18T01:30:00.000Z');
    expect(until(nights, '2026-08-18T01:29:59.999Z')).toBe('2026-08-18T01:30:00.000Z');
    expect(until(nights, '2026-08-18T01:30:00Z')).toBeUndefined();
    expect(quietUntil(null, new Date())).toBeUndefined();
  });

  it('belong to the day they begin on', () => {
    const friday = hours('UTC', { days: ['fri'], from: '22:00', to: '07:00' });
    expect(until(friday, '2026-08-21T23:00:00Z')).toBe('2026-08-22T07:00:00.000Z'); // Friday
    expect(until(friday, '2026-08-22T06:00:00Z')).toBe('2026-08-22T07:00:00.000Z');
    expect(until(friday, '2026-08-22T23:00:00Z')).toBeUndefined();
    expect(until(friday, '2026-08-21T06:00:00Z')).toBeUndefined();
  });

  it('quiet hours without a gap between them end with the last one', () => {
    const weekend = hours(
      'UTC',
      { days: ['fri'], from: '18:00', to: '24:00' },
      { days: ['sat', 'sun'], from: '00:00', to: '24:00' },
      { days: ['mon'], from: '00:00', to: '08:30' },
    );
    expect(until(weekend, '2026-08-21T19:00:00Z')).toBe('2026-08-24T08:30:00.000Z');
    expect(until(weekend, '2026-08-24T09:00:00Z')).toBeUndefined();
  });

  it('quiet hours end at the local time when clocks go forward in the night', () => {
    // New York, 8 March 2026: 02:00 EST becomes 03:00 EDT.
    const newYork = hours('America/New_York', { from: '22:00', to: '07:00' });
    expect(until(newYork, '2026-03-08T04:00:00Z')).toBe('2026-03-08T11:00:00.000Z'); // 07:00 EDT, an hour of night less
    expect(until(newYork, '2026-03-07T04:00:00Z')).toBe('2026-03-07T12:00:00.000Z'); // 07:00 EST
    // An end that the clock jumps over is the moment it jumps.
    expect(until(hours('America/New_York', { from: '22:00', to: '02:30' }), '2026-03-08T06:30:00Z')).toBe(
      '2026-03-08T07:00:00.000Z',
    );
  });

  it('quiet hours end at the local time when clocks go back in the night', () => {
    // New York, 1 November 2026: 02:00 EDT becomes 01:00 EST.
    const early = hours('America/New_York', { from: '22:00', to: '01:30' });
    expect(until(early, '2026-11-01T04:00:00Z')).toBe('2026-11-01T05:30:00.000Z'); // the first 01:30
    expect(until(early, '2026-11-01T06:10:00Z')).toBe('2026-11-01T06:30:00.000Z'); // 01:10 for the second time: the second
    expect(until(hours('America/New_York', { from: '22:00', to: '07:00' }), '2026-11-01T04:00:00Z')).toBe(
      '2026-11-01T12:00:00.000Z',
    );
  });

  it('follow zones with odd offsets and a skipped day', () => {
    expect(until(hours('Australia/Lord_Howe', { from: '22:00', to: '07:00' }), '2026-10-03T14:00:00Z')).toBe(
      '2026-10-03T20:00:00.000Z',
    ); // +10:30 to +11:00
    expect(until(hours('Asia/Kathmandu', { from: '22:00', to: '06:00' }), '2026-08-17T18:00:00Z')).toBe(
      '2026-08-18T00:15:00.000Z',
    );
  });

  it('quiet hours that cover the whole week are detected', () => {
    expect(hasEnd([{ from: '00:00', to: '24:00' }])).toBe(false);
    expect(hasEnd([{ from: '07:00', to: '07:00' }])).toBe(false);
    expect(
      hasEnd([
        { from: '08:00', to: '20:00' },
        { from: '20:00', to: '08:00' },
      ]),
    ).toBe(false);
    expect(
      hasEnd([
        { from: '08:00', to: '20:00' },
        { from: '20:01', to: '08:00' },
      ]),
    ).toBe(true);
    expect(hasEnd([{ days: ['sat', 'sun'], from: '00:00', to: '24:00' }])).toBe(true);
  });
});
