import { BudgetPressure } from './budget-pressure.js';

const states = (limit: number, uses: readonly number[]) => {
  const pressure = new BudgetPressure();
  return uses.map((used) => pressure.note('connections', used, limit));
};

describe('the pressure on a budget', () => {
  it('a budget is busy from 85 % on and normal again at 75 %, each reported once', () => {
    const up = Array.from({ length: 100 }, (_, n) => n + 1);
    const reported = states(100, [...up, ...up.toReversed()]);
    expect(reported.map((state, at) => [at, state]).filter(([, state]) => state !== undefined)).toEqual([
      [84, 'busy'],
      [125, 'normal'],
    ]);
  });

  it.each([1, 2, 3, 4, 7, 8, 10, 13, 100])('a budget of %i does not change its state for one socket', (limit) => {
    const from = Math.ceil(limit * 0.85);
    const uses = Array.from({ length: 20 }, (_, n) => from - (n % 2));
    expect(states(limit, uses).filter((state) => state !== undefined)).toEqual(
      limit === 1 ? [...Array(10).fill(['busy', 'normal'])].flat() : ['busy'],
    );
  });

  it('budgets are busy independently of each other', () => {
    const pressure = new BudgetPressure();
    expect(pressure.note('user ana', 9, 10)).toBe('busy');
    expect(pressure.note('user ben', 8, 10)).toBeUndefined();
    expect([pressure.isBusy('user ana'), pressure.isBusy('user ben')]).toEqual([true, false]);
  });
});
