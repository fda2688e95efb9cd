import { RateBudget } from './rate-budget.js';

describe('a rate budget', () => {
  it('lets a full second through at once, then says how long to wait', () => {
    const budget = new RateBudget(10);
    for (let one = 0; one < 10; one++) expect(budget.take(1_000)).toBe(0);
    expect(budget.take(1_000)).toBe(100);
    expect(budget.take(1_099)).toBeGreaterThan(0);
    expect(budget.take(1_100)).toBe(0);
  });

  it('does not save up more than a second', () => {
    const budget = new RateBudget(2);
    budget.take(0);
    expect([budget.take(60_000), budget.take(60_000), budget.take(60_000)]).toEqual([0, 0, 500]);
  });

  it('survives a clock that goes back', () => {
    const budget = new RateBudget(1);
    expect(budget.take(5_000)).toBe(0);
    expect(budget.take(1_000)).toBe(1_000);
  });
});
