import { ConnectionBudget } from './connection-budget.js';

const limits = {
  total: 4,
  forOperators: 0,
  perUser: 2,
  perAddress: 3,
  handshakesPerAddress: 2,
  perSecond: 100,
  cluster: 0,
  clusterForOperators: 0,
};
const budget = () => new ConnectionBudget(limits, () => 0.5);

describe('the connection budget', () => {
  it('the connection budget refuses a connection beyond the process limit and says when to retry', () => {
    const budgets = budget();
    for (const [user, address] of [
      ['a', '1'],
      ['b', '1'],
      ['c', '2'],
      ['d', '2'],
    ] as const) {
      expect(budgets.enter(user, address, false)).toBeUndefined();
    }
    expect(budgets.checkBeforeToken('3', 0)).toEqual({ budget: 'connections', limit: 4, retryAfterMs: 3_000 });
    budgets.leave('a', '1');
    expect(budgets.checkBeforeToken('3', 0)).toBeUndefined();
    expect(budgets.enter('e', '3', false)).toBeUndefined();
  });

  it('admits no more than the limit when many connections pass the first check and wait for their tokens', () => {
    const budgets = budget();
    const clients = Array.from({ length: 6 }, (_, n) => [`user ${n}`, `address ${n}`] as const);
    for (const [, address] of clients) expect(budgets.checkBeforeToken(address, 0)).toBeUndefined();
    const refusals = clients.map(([user, address]) => budgets.enter(user, address, false));
    expect(refusals.filter((refusal) => refusal !== undefined)).toEqual(
      Array(2).fill({ budget: 'connections', limit: 4, retryAfterMs: 3_000 }),
    );
    expect(budgets.used).toBe(4);
  });

  it('limits the connections of one user and of one address', () => {
    const budgets = budget();
    budgets.enter('a', '1', false);
    budgets.enter('a', '1', false);
    expect(budgets.enter('a', '2', false)).toMatchObject({ budget: 'user', limit: 2 });
    budgets.enter('b', '1', false);
    expect(budgets.checkBeforeToken('1', 0)).toMatchObject({ budget: 'address', limit: 3 });
    expect(budgets.enter('c', '1', false)).toMatchObject({ budget: 'address', limit: 3 });
  });

  it('reserves the last connections of the process for operators', () => {
    const budgets = new ConnectionBudget({ ...limits, forOperators: 1 });
    for (const user of ['a', 'b', 'c']) expect(budgets.enter(user, user, false)).toBeUndefined();
    expect(budgets.enter('d', 'd', false)).toMatchObject({ budget: 'connections', limit: 3 });
    expect(budgets.enter('o', 'o', true)).toBeUndefined();
    expect(budgets.enter('p', 'p', true)).toMatchObject({ budget: 'connections', limit: 4 });
  });

  it('the connection budget refuses an address with too many unauthenticated connections, and no other address', () => {
    const budgets = budget();
    for (let n = 0; n < 3; n++) {
      expect(budgets.floods('1')).toBeUndefined();
      budgets.beginHandshake('1');
    }
    expect(budgets.checkBeforeToken('1', 0)).toMatchObject({ budget: 'handshakes', limit: 2 });
    budgets.beginHandshake('1');
    expect(budgets.floods('1')).toMatchObject({ budget: 'handshakes', limit: 2 });
    expect([budgets.floods('2'), budgets.checkBeforeToken('2', 0)]).toEqual([undefined, undefined]);
    for (let n = 0; n < 4; n++) budgets.endHandshake('1');
    expect([budgets.floods('1'), budgets.checkBeforeToken('1', 0)]).toEqual([undefined, undefined]);
  });

  it('limits the new connections per second', () => {
    const budgets = new ConnectionBudget({ ...limits, perSecond: 2 }, () => 0);
    expect([budgets.checkBeforeToken('1', 0), budgets.checkBeforeToken('1', 0)]).toEqual([undefined, undefined]);
    expect(budgets.checkBeforeToken('1', 0)).toEqual({ budget: 'rate', limit: 2, retryAfterMs: 500 });
  });

  it('the connection budget returns every counter to zero after all connections have closed', () => {
    const budgets = budget();
    for (let round = 0; round < 1_000; round++) {
      expect(budgets.enter(`user ${round}`, `address ${round}`, false)).toBeUndefined();
      budgets.leave(`user ${round}`, `address ${round}`);
    }
    expect(budgets.used).toBe(0);
  });

  it('the connection budget uses what the other processes leave of the limit of all, and reserves a part of it for operators', () => {
    const budgets = new ConnectionBudget({
      ...limits,
      total: 100,
      perAddress: 100,
      cluster: 10,
      clusterForOperators: 1,
    });
    budgets.share({ connections: 8, clusterPlaces: 2, clusterForOperators: 1, perSecond: 100 });
    expect(budgets.enter('a', '1', false)).toBeUndefined();
    expect(budgets.usedByAll).toBe(9);
    expect(budgets.enter('b', '1', false)).toMatchObject({ budget: 'cluster', limit: 9 });
    expect(budgets.enter('o', '1', true)).toBeUndefined();
    expect(budgets.checkBeforeToken('2', 0)).toMatchObject({ budget: 'cluster', limit: 10 });
    expect(budgets.refused.cluster).toBe(2);
  });

  it('the connection budget accepts new connections at the rate that the other processes leave', () => {
    const budgets = new ConnectionBudget(limits, () => 0);
    budgets.share({ connections: 0, clusterPlaces: Infinity, clusterForOperators: 0, perSecond: 2 });
    expect([0, 0, 0].map(() => budgets.checkBeforeToken('1', 0)?.budget)).toEqual([undefined, undefined, 'rate']);
  });
});
