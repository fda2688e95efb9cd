import { ConnectionBudget } from './connection-budget.js';

const limits = { total: 4, perUser: 2, perAddress: 3, perSecond: 100 };
const budget = () => new ConnectionBudget(limits, () => 0.5);

describe('the connection budget', () => {
  it('refuses one more than the process holds, with a time to come back', () => {
    const budgets = budget();
    for (const [user, address] of [
      ['a', '1'],
      ['b', '1'],
      ['c', '2'],
      ['d', '2'],
    ] as const) {
      expect(budgets.enter(user, address)).toBeUndefined();
    }
    expect(budgets.knock('3', 0)).toEqual({ budget: 'connections', limit: 4, retryAfterMs: 3_000 });
    budgets.leave('a', '1');
    expect(budgets.knock('3', 0)).toBeUndefined();
    expect(budgets.enter('e', '3')).toBeUndefined();
  });

  it('admits only as many as fit when more pass the first check while their tokens are verified', () => {
    const budgets = budget();
    const clients = Array.from({ length: 6 }, (_, n) => [`user ${n}`, `address ${n}`] as const);
    for (const [, address] of clients) expect(budgets.knock(address, 0)).toBeUndefined();
    const refusals = clients.map(([user, address]) => budgets.enter(user, address));
    expect(refusals.filter((refusal) => refusal !== undefined)).toEqual(
      Array(2).fill({ budget: 'connections', limit: 4, retryAfterMs: 3_000 }),
    );
    expect(budgets.used).toBe(4);
  });

  it('bounds one user and one address', () => {
    const budgets = budget();
    budgets.enter('a', '1');
    budgets.enter('a', '1');
    expect(budgets.enter('a', '2')).toMatchObject({ budget: 'user', limit: 2 });
    budgets.enter('b', '1');
    expect(budgets.knock('1', 0)).toMatchObject({ budget: 'address', limit: 3 });
    expect(budgets.enter('c', '1')).toMatchObject({ budget: 'address', limit: 3 });
  });

  it('bounds how many come a second', () => {
    const budgets = new ConnectionBudget({ ...limits, perSecond: 2 }, () => 0);
    expect([budgets.knock('1', 0), budgets.knock('1', 0)]).toEqual([undefined, undefined]);
    expect(budgets.knock('1', 0)).toEqual({ budget: 'rate', limit: 2, retryAfterMs: 500 });
  });

  it('warns from 85 % on', () => {
    const budgets = new ConnectionBudget({ total: 20, perUser: 20, perAddress: 20, perSecond: 100 });
    for (let one = 0; one < 16; one++) budgets.enter('a', '1');
    expect(budgets.nearlySpent).toBe(false);
    budgets.enter('a', '1');
    expect(budgets.nearlySpent).toBe(true);
  });

  it('counts to zero again after everybody left', () => {
    const budgets = budget();
    for (let round = 0; round < 1_000; round++) {
      expect(budgets.enter(`user ${round}`, `address ${round}`)).toBeUndefined();
      budgets.leave(`user ${round}`, `address ${round}`);
    }
    expect(budgets.used).toBe(0);
  });
});
