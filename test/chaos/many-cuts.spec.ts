import { availableParallelism } from 'node:os';
import { readCuts } from '../e2e/one-cut.fixture.js';

const READS = 1_000_000;
/** One processor is for the desk. */
const PROCESSES = Math.max(1, Math.min(4, availableParallelism() - 1));

describe('cuts read over REST and sockets while cash, contracts, prices and a rate move', () => {
  it('add up in 1,000,000 reads, agree with the prices beside them, and are one document per snapshot id', async () => {
    const report = await readCuts({ reads: READS, processes: PROCESSES, sockets: 100 });
    expect(report.faults).toEqual([]);
    expect(report.reads).toBeGreaterThanOrEqual(READS);
    expect([report.rest >= 20_000, report.frames >= 20_000]).toEqual([true, true]);
    expect(report.common).toBeGreaterThan(500);
  }, 1_800_000);
});
