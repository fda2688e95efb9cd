import type { Cost, Step } from './capacity.js';
import { capacityTables, scaleOf } from './capacity-tables.js';

const cost = (processes: number, quotes: Cost['per1000Quotes']): Cost => ({
  ...{ processes, idleCores: 0.02, per1000Quotes: quotes },
  ...{ per1000Reads: { desk: 1_000, postgres: 500 }, per1000Frames: { desk: 400, postgres: 0 } },
});
const costs = [cost(1, { desk: 30, postgres: 10 }), cost(2, { desk: 40, postgres: 14 })] as const;
const step: Step = {
  ...{ sockets: 100, quotesPerSecond: 2_500, readsPerSecond: 40, deskCores: 0.5, postgresCores: 0.25 },
  ...{ readP99: 100, screenP99: 200, failures: 0 },
};

describe('the arithmetic of capacity', () => {
  it('one node has the measured cost of one process, and each further node adds the difference of two', () => {
    const one = scaleOf(costs, 1);
    // 5,000 frames at 0.4 ms and 200 reads at 1 ms; 20,000 quotes at 0.03 ms.
    expect(one).toMatchObject({ sockets: 10_000, connections: 26, feedRows: 20_000 });
    expect(one.ownCores).toBeCloseTo(2.2);
    expect(one.marketCores).toBeCloseTo(0.6);
    expect(one.postgresCores).toBeCloseTo(0.3);
    const hundred = scaleOf(costs, 100);
    expect(hundred).toMatchObject({ sockets: 1_000_000, connections: 2_600, feedRows: 2_000_000 });
    expect(hundred.ownCores).toBeCloseTo(2.2);
    expect(hundred.marketCores).toBeCloseTo(0.204);
    // 0.2 for the first node, 99 times 0.08 more, and 20,000 reads at 0.5 ms.
    expect(hundred.postgresCores).toBeCloseTo(0.2 + 7.92 + 10);
  });

  it('the tables name a step that breaks a limit', () => {
    const tables = capacityTables([step, { ...step, sockets: 200, screenP99: 1_001 }], costs);
    expect(tables).toContain('| 100 | 2500 | 40 | 0.50 | 0.25 | 100 | 200 | 0 | yes |');
    expect(tables).toContain('| 200 | 2500 | 40 | 0.50 | 0.25 | 100 | 1001 | 0 | no |');
    expect(tables).toContain('| 2 | 0.020 | 1000.0 + 500.0 | 40.0 + 14.0 | 400.0 + 0.0 |');
    expect(tables).toContain('| 100 | 1000000 | 2.2 | 0.2 | 18.1 | 2600 | 2000000 |');
  });
});
