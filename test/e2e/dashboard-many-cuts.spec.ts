import { readCuts } from './one-cut.fixture.js';

describe('cuts read over REST and sockets while cash, contracts, prices and a rate move', () => {
  it('add up in 4,000 reads, agree with the prices beside them, and are one document per snapshot id', async () => {
    const report = await readCuts({ reads: 4_000, processes: 1, sockets: 60, restShare: 25 });
    expect(report.faults).toEqual([]);
    expect(report.reads).toBeGreaterThanOrEqual(4_000);
    // Both ways of reading met at the same cuts.
    expect([report.rest >= 150, report.frames >= 150]).toEqual([true, true]);
    expect(report.common).toBeGreaterThan(10);
    expect(report.writes).toBeGreaterThan(50);
  });

  it('do not add up if they are read with the isolation lowered', async () => {
    const { faults } = await readCuts({ reads: 200_000, processes: 1, sockets: 8, lowered: true });
    expect(faults).not.toEqual([]);
  });
});
