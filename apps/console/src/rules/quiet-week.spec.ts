import { coverageOf, isEndless, paintHours, type QuietSpan, WEEK } from './quiet-week.js';

const nights: QuietSpan[] = [{ from: '22:00', to: '07:00' }];
const hoursOf = (windows: readonly QuietSpan[]) =>
  WEEK.map((_, day) => Array.from({ length: 24 }, (_hour, hour) => coverageOf(windows, day, hour)));

describe('quiet hours as a week', () => {
  it('a night covers the evening and the morning after, also from Sunday to Monday', () => {
    expect(coverageOf(nights, 6, 22)).toBe('all');
    expect(coverageOf(nights, 0, 6)).toBe('all');
    expect(coverageOf(nights, 0, 7)).toBe('none');
    expect(coverageOf([{ days: ['sun'], from: '23:30', to: '00:15' }], 6, 23)).toBe('part');
    expect(coverageOf([{ days: ['sun'], from: '23:30', to: '00:15' }], 0, 0)).toBe('part');
  });

  it('painted hours change that hour only, and other windows keep their minutes', () => {
    const exact: QuietSpan[] = [{ days: ['mon'], from: '08:15', to: '10:45' }];
    expect(paintHours(exact, 0, [12, 13], true)).toEqual([
      { days: ['mon'], from: '08:15', to: '10:45' },
      { days: ['mon'], from: '12:00', to: '13:00' },
    ]);
    expect(paintHours(exact, 0, [9, 10], false)).toEqual([
      { days: ['mon'], from: '08:15', to: '09:00' },
      { days: ['mon'], from: '10:00', to: '10:45' },
    ]);
  });

  it('a night that is painted and cleared on one day gives the same hours and few windows', () => {
    const without = paintHours(nights, 2, [22, 24], false);
    expect(coverageOf(without, 2, 23)).toBe('none');
    expect(without.length).toBeLessThanOrEqual(3);
    const again = paintHours(without, 2, [22, 24], true);
    expect(again).toEqual(nights);
    expect(hoursOf(again)).toEqual(hoursOf(nights));
  });

  it('a weekend is three windows at most and its whole days share one', () => {
    let windows: QuietSpan[] = [];
    windows = paintHours(windows, 4, [18, 24], true);
    windows = paintHours(windows, 5, [0, 24], true);
    windows = paintHours(windows, 6, [0, 24], true);
    windows = paintHours(windows, 0, [0, 8], true);
    expect(windows).toEqual([
      { days: ['fri'], from: '18:00', to: '24:00' },
      { days: ['sat', 'sun'], from: '00:00', to: '24:00' },
      { days: ['mon'], from: '00:00', to: '08:00' },
    ]);
  });

  it('a week that is quiet without end is detected', () => {
    const all = WEEK.reduce<QuietSpan[]>((windows, _, day) => paintHours(windows, day, [0, 24], true), []);
    expect(isEndless(all)).toBe(true);
    expect(isEndless(paintHours(all, 3, [9, 10], false))).toBe(false);
  });
});
