import { ReaderProgress } from './reader-progress.js';

describe('the progress of a reader', () => {
  it('a reader to whom nothing is sent never stalls', () => {
    const progress = new ReaderProgress(100);
    expect([0, 60_000].map((now) => progress.stalledMs(0, 0, now))).toEqual([0, 0]);
  });

  it('a reader that takes nothing stalls from the first sample on', () => {
    const progress = new ReaderProgress(100);
    expect([0, 1_000, 10_000].map((now) => progress.stalledMs(500, 7, now))).toEqual([0, 1_000, 10_000]);
  });

  it('a reader of one byte per second stalls as one that takes nothing', () => {
    const progress = new ReaderProgress(100);
    expect([0, 1, 10].map((second) => progress.stalledMs(500, second, second * 1_000))).toEqual([0, 1_000, 10_000]);
  });

  it('a slow reader that takes enough in time never stalls, although it is never up to date', () => {
    const progress = new ReaderProgress(100);
    const stalled = Array.from({ length: 60 }, (_, second) => progress.stalledMs(500, second * 15, second * 1_000));
    expect(Math.max(...stalled)).toBeLessThan(10_000);
  });

  it('a reader that was up to date in between starts again', () => {
    const progress = new ReaderProgress(100);
    progress.stalledMs(500, 0, 0);
    progress.stalledMs(0, 10, 5_000);
    expect(progress.stalledMs(500, 10, 9_000)).toBe(0);
  });
});
