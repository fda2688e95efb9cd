import { Peaks } from './peaks.js';

const MINUTE = 60_000;

describe('peaks', () => {
  it('a peak is the highest value of the window, also if it lasted for less than a second', () => {
    const peaks = new Peaks(5 * MINUTE);
    for (const [value, now] of [[3, 0], [9, 10], [2, 20], [4, 1_000]] as const) peaks.note(value, now); // prettier-ignore
    expect(peaks.over(MINUTE, 1_500)).toBe(9);
  });

  it('a peak leaves the short window before the long one', () => {
    const peaks = new Peaks(5 * MINUTE);
    for (let now = 0; now < 6 * MINUTE; now += 1_000) {
      peaks.note(now === 0 ? 9 : 1, now);
      const age = now < MINUTE ? [9, 9] : now < 5 * MINUTE ? [1, 9] : [1, 1];
      expect([peaks.over(MINUTE, now), peaks.over(5 * MINUTE, now)]).toEqual(age);
    }
  });
});
