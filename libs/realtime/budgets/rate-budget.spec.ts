import { RateBudget } from './rate-budget.js';

describe('a rate budget', () => {
  it('a rate budget allows one second of messages at once, then says how long to wait', () => {
    const budget = new RateBudget(10);
    for (let one = 0; one < 10; one++) expect(budget.take(1_000)).toBe(0);
    expect(budget.take(1_000)).toBe(100);
    expect(budget.take(1_099)).toBeGreaterThan(0);
    expect(budget.take(1_100)).toBe(0);
  });

  it('a rate budget never saves more than one second of messages', () => {
    const budget = new RateBudget(2);
    budget.take(0);
    expect([budget.take(60_000), budget.take(60_000), budget.take(60_000)]).toEqual([0, 0, 500]);
  });

  it('a rate budget tolerates a clock that moves backwards', () => {
    const budget = new RateBudget(1);
    expect(budget.take(5_000)).toBe(0);
    expect(budget.take(1_000)).toBe(1_000);
  });
});
