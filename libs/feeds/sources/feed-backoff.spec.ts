import { nextAfterFailure } from './feed-backoff.js';

const next = (changes: object) =>
  nextAfterFailure({ cadenceMs: 60_000, failures: 1, maxMs: 900_000, random: 0.5, ...changes });

describe('the pause after failures', () => {
  it('doubles with each failure, up to the maximum', () => {
    expect([1, 2, 3, 4, 50].map((failures) => next({ failures }))).toEqual([
      120_000, 240_000, 480_000, 900_000, 900_000,
    ]);
  });

  it('varies by a fifth, so that sources that failed together do not retry together', () => {
    expect([next({ random: 0 }), next({ random: 0.999 })]).toEqual([96_000, 143_952]);
  });

  it('the pause after failures is at least the Retry-After of the server, and bounded', () => {
    expect(next({ retryAfterMs: 600_000, random: 0 })).toBe(600_000);
    expect(next({ retryAfterMs: 1_000 })).toBe(120_000);
    expect(next({ retryAfterMs: 10 ** 12, random: 0 })).toBe(6 * 3_600_000);
  });

  it('the pause after failures is a day for a feed that is polled once a day', () => {
    expect(next({ cadenceMs: 86_400_000, failures: 3 })).toBe(86_400_000);
  });
});
