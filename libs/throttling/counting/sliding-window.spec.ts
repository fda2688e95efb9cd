import { usedOf, waitFor } from './sliding-window.js';

describe('the sliding window', () => {
  it('the sliding window counts the remaining part of the last window in proportion', () => {
    expect(usedOf(100, 10, 0, 1000)).toBe(110);
    expect(usedOf(100, 10, 750, 1000)).toBe(35);
  });

  it('the sliding window returns the exact wait: one millisecond less is too early, at every count', () => {
    for (const limit of [1, 2, 7, 100]) {
      for (let previous = 0; previous <= limit; previous++) {
        for (let count = 0; count <= limit; count++) {
          for (const elapsed of [0, 1, 333, 999]) {
            const wait = waitFor(previous, count, elapsed, 1000, limit);
            expect(fits(previous, count, elapsed + wait, limit)).toBe(true);
            if (wait > 1) expect(fits(previous, count, elapsed + wait - 2, limit)).toBe(false);
          }
        }
      }
    }
  });
});

/** Whether one more request fits at `elapsed`, which may lie in a later window of 1,000 ms. */
function fits(previous: number, count: number, elapsed: number, limit: number): boolean {
  if (elapsed >= 2000) return true;
  const used = elapsed < 1000 ? usedOf(previous, count, elapsed, 1000) : usedOf(count, 0, elapsed - 1000, 1000);
  return used + 1 <= limit + 1e-9;
}
