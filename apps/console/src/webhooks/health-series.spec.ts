import { healthSeries } from './health-series.js';

const now = new Date('2026-11-26T17:30:30Z');
const minute = (text: string, sent: number, failed: number, latencyMsMean: number) => ({
  ...{ minute: `2026-11-26T${text}:00.000Z`, sent, failed, latencyMsMean, latencyMsMax: latencyMsMean * 2 },
});

describe('the health of a webhook over time', () => {
  it('a minute without an attempt is a slot of its own with zero attempts and no latency', () => {
    const series = healthSeries([minute('17:28', 4, 1, 100), minute('17:30', 2, 0, 50)], 3, now);
    expect(series.times).toEqual([28, 29, 30].map((at) => Date.parse(`2026-11-26T17:${at}:00Z`) / 1_000));
    expect(series).toMatchObject({
      delivered: [3, 0, 2],
      failed: [1, 0, 0],
      meanMs: [100, null, 50],
      maxMs: [200, null, 100],
    });
  });

  it('a long span has slots of several minutes, and their mean counts each attempt once', () => {
    const series = healthSeries([minute('17:20', 1, 0, 100), minute('17:21', 3, 3, 20)], 1_440, now);
    expect(series.times).toHaveLength(180);
    const at = series.meanMs.findIndex((mean) => mean !== null);
    expect([series.delivered[at], series.failed[at], series.meanMs[at], series.maxMs[at]]).toEqual([1, 3, 40, 200]);
  });

  it('attempts before the span are left out', () => {
    expect(healthSeries([minute('10:00', 5, 5, 10)], 60, now).failed.every((failed) => failed === 0)).toBe(true);
  });
});
