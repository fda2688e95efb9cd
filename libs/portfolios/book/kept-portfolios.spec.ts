import fc from 'fast-check';
import { fairShare, keptOf, type PortfolioSize } from './kept-portfolios.js';

const counts = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 30 });
const kept = (contracts: readonly number[], share: number) =>
  contracts.reduce((sum, count) => sum + Math.min(count, share), 0);

describe('the share of an owner in what stays in memory', () => {
  it('is unlimited while the contracts of all owners fit', () => {
    expect(fairShare([], 100)).toBe(Infinity);
    expect(fairShare([30, 70], 100)).toBe(Infinity);
    expect(fairShare([30, 71], 100)).toBe(0);
  });

  it('is equal for all owners, and larger ones get what smaller ones leave', () => {
    expect(fairShare([10_000, 100_000, 10_000], 60_000)).toBe(40_000);
    expect(fairShare([100_000, 100_000, 100_000], 60_000)).toBe(20_000);
    // One owner with everything does not take the place of the others.
    expect(fairShare([2_000, 10_000_000], 4_000)).toBe(2_000);
  });

  it('keeps all owners together within the maximum, and leaves at most a step of each owner unused', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 60_000 }), (contracts, max) => {
        const share = fairShare(contracts, max);
        expect(kept(contracts, share)).toBeLessThanOrEqual(max);
        if (share < Infinity) expect(kept(contracts, share + 200)).toBeGreaterThan(max - 100 * contracts.length);
      }),
    );
  });

  it('is spent on portfolios in the order of their ids, as many as fit', () => {
    const sizes: PortfolioSize[] = [
      { id: 'c', userId: 'u', contracts: 20 },
      { id: 'a', userId: 'u', contracts: 60 },
      { id: 'b', userId: 'u', contracts: 50 },
    ];
    expect([...keptOf(sizes, 100)]).toEqual(['a', 'c']);
    expect([...keptOf(sizes, Infinity)]).toEqual(['a', 'b', 'c']);
  });
});
