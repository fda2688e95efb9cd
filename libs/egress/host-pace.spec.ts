import { HostPace } from './host-pace.js';

/** As when the database is away, or read-only: this process alone. */
const nobody = { take: () => Promise.resolve(undefined) };

describe('the pace of a host', () => {
  it('spaces what comes at once evenly, in the order of asking', async () => {
    const pace = new HostPace(nobody);
    const began = performance.now();
    const order: number[] = [];
    await Promise.all([0, 1, 2, 3, 4].map((n) => pace.wait('a', 50).then(() => order.push(n))));
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  });

  it('is its own: another host does not wait', async () => {
    const pace = new HostPace(nobody);
    await pace.wait('a', 0.01);
    await pace.wait('b', 0.01);
  });

  it('lets go of who leaves', async () => {
    const pace = new HostPace(nobody);
    await pace.wait('a', 0.01);
    const caller = new AbortController();
    const turn = pace.wait('a', 0.01, caller.signal);
    caller.abort(new Error('bye'));
    await expect(turn).rejects.toThrow('bye');
  });
});
