import { retryAfterOf, retryDelay } from './retry-delay.js';

const OPTIONS = { baseMs: 200, maxMs: 5_000 };

describe('the time before a retry', () => {
  it('the time before a retry is uniform below base * 2^(n-1) and never above the maximum', () => {
    expect([1, 2, 3, 4, 5, 6, 20].map((attempt) => retryDelay(attempt, OPTIONS, 0.999_999))).toEqual([
      200, 400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
    expect(retryDelay(3, OPTIONS, 0)).toBe(0);
    expect(retryDelay(3, OPTIONS, 0.5)).toBe(400);
  });

  it('the time before a retry is at least the Retry-After of the server and at most the maximum', () => {
    expect(retryDelay(1, OPTIONS, 0, 1_500)).toBe(1_500);
    expect(retryDelay(1, OPTIONS, 0, 86_400_000)).toBe(5_000);
  });

  it('the time before a retry takes Retry-After from the error or its details, and ignores invalid values', () => {
    expect(retryAfterOf({ retryAfterMs: 5 })).toBe(5);
    expect(retryAfterOf({ details: { retryAfterMs: 7 } })).toBe(7);
    expect(
      [undefined, null, 'x', { retryAfterMs: 'soon' }, { retryAfterMs: -1 }, { retryAfterMs: Number.NaN }].map(
        retryAfterOf,
      ),
    ).toEqual(Array(6).fill(undefined));
  });
});
