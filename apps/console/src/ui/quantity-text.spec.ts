import { bytesText, durationText } from './quantity-text.js';

describe('quantities in words', () => {
  it('durations are short texts with a unit', () => {
    expect([0, 4.25, 999, 1_500, 12_000, 180_000, 5_400_000, 7_200_000, 172_800_000].map(durationText)).toEqual([
      '0 ms',
      '4.3 ms',
      '999 ms',
      '1.5 s',
      '12 s',
      '3 min',
      '1 h 30 min',
      '2 h',
      '2 days',
    ]);
  });

  it('bytes are given in the largest unit that leaves a whole number before the point', () => {
    expect([0, 1_023, 1_024, 1_536, 64 * 2 ** 20, 500 * 2 ** 20].map(bytesText)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '64.0 MiB',
      '500 MiB',
    ]);
  });
});
