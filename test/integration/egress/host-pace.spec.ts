import { Database, Transactions } from '#database';
import { EgressModule, HostPace } from '#egress';
import { withCorrelation } from '#telemetry';
import { testModule, type TestModule } from '../../setup/test-module.js';

describe('the pace of a host', () => {
  let one: TestModule;
  let other: TestModule;
  beforeAll(async () => {
    one = await testModule([EgressModule]);
    other = await testModule([EgressModule], { database: one.database });
  });
  afterAll(async () => {
    await other.close();
    await one.close();
  });

  const times = async (host: string, modules: readonly TestModule[], count: number, perSecond: number) => {
    const began = performance.now();
    const all = await Promise.all(
      Array.from({ length: count }, (_, n) =>
        modules[n % modules.length]!.get(HostPace)
          .wait(host, perSecond)
          .then(() => performance.now() - began),
      ),
    );
    return all.sort((a, b) => a - b);
  };

  it('two processes keep the pace of a host together: each request starts at least one gap after the previous one', async () => {
    const at = await times('www.sec.example', [one, other], 13, 8);
    // A busy machine starts some late, several at once then, but none before its turn. Clocks differ by a few ms.
    for (const [n, time] of at.entries()) expect(time).toBeGreaterThanOrEqual(n * 125 - 20);
  });

  it('the pace of a host is one budget for callers with different rates, such as a feed and the archive of filings', async () => {
    const began = performance.now();
    const wait = async (module: TestModule, perSecond: number) => {
      await module.get(HostPace).wait('shared.example', perSecond);
      return performance.now() - began;
    };
    await wait(one, 4);
    const second = await wait(other, 8);
    const third = await wait(one, 4);
    expect(second).toBeGreaterThanOrEqual(245);
    // From the first one on, 250 ms and 125 ms: a second whose timer was late does not delay the turn of the third.
    expect(third).toBeGreaterThanOrEqual(370);
  });

  it("the pace of a host is not stopped by a caller's open transaction", async () => {
    await one.get(Transactions).atomic(async () => {
      await one.get(HostPace).wait('open.example', 100);
      await withCorrelation(undefined, () => other.get(HostPace).wait('open.example', 100));
    });
  });

  it('a process keeps the pace alone when the table cannot be queried', async () => {
    await one.get(Database).rows('ALTER TABLE egress_host_turns RENAME TO away');
    try {
      const at = await times('alone.example', [one], 5, 20);
      expect(at.at(-1)!).toBeGreaterThanOrEqual(195);
    } finally {
      await one.get(Database).rows('ALTER TABLE away RENAME TO egress_host_turns');
    }
  });
});
