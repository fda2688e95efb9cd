import { retryAfterMs } from './egress.js';

describe('the wait of a Retry-After header', () => {
  const now = new Date('2026-08-17T10:00:00Z');

  it.each([
    ['120', 120_000],
    [' 5 ', 5_000],
    ['0', 0],
    ['Mon, 17 Aug 2026 10:01:00 GMT', 60_000],
    ['Mon, 17 Aug 2026 09:59:00 GMT', 0],
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['9999999999', undefined],
    ['2026-08-17', undefined],
  ])('%j', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
