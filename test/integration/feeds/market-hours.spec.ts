import { register } from 'prom-client';
import { Database } from '#database';
import { FeedsModule, FeedsService } from '#feeds';
import { feedsConfig } from '#feeds/config';
import { FeedGauges } from '../../../libs/feeds/cycles/feed-gauges.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { VirtualClock } from '../../setup/virtual-clock.js';

describe('the metrics that alert rules of feeds read', () => {
  let module: TestModule;
  const clock = new VirtualClock('2026-10-30T13:00:00Z');

  beforeAll(async () => {
    module = await testModule([FeedsModule], {
      env: { DESKWIRE_ROLE: 'worker' },
      internals: [feedsConfig.with({ pollMs: 60_000, watchMs: 3_600_000 })],
      clock,
    });
    for (const [name, venue] of [
      ['wire', 'NYSE'],
      ['always', null],
    ] as const)
      await module.get(FeedsService).forReplay({
        ...{ name, venue, kind: 'rss', url: `https://${name}.example/rss`, cadenceMs: 60_000 },
      });
    await module.get(Database).rows(`UPDATE feed_sources SET enabled = true, next_run_at = '2100-01-01'`);
  });
  afterAll(() => module.close());

  const at = async (time: string, lastSuccess: string) => {
    clock.set(time);
    await module.get(Database).rows(`UPDATE feed_sources SET last_success_at = $1`, [lastSuccess]);
    await module.get(FeedGauges).publish();
    const valueOf = async (name: string, source: string) =>
      (await register.getSingleMetric(name)!.get()).values.find(({ labels }) => labels['source'] === source)!.value;
    return {
      open: await valueOf('feeds_market_open', 'wire'),
      overdue: await valueOf('feeds_overdue_ratio', 'wire'),
      always: await valueOf('feeds_market_open', 'always'),
    };
  };

  // New York leaves daylight saving time on 2026-11-01, has a holiday on 11-26 and closes at 13:00 on 11-27.
  it.each([
    ['before the opening in summer time', '2026-10-30T13:29:00Z', '2026-10-29T19:59:00Z', 0, 1],
    ['after the opening in summer time', '2026-10-30T13:32:00Z', '2026-10-29T19:59:00Z', 1, 3],
    ['before the opening after the clocks changed', '2026-11-02T14:29:00Z', '2026-10-30T19:59:00Z', 0, 1],
    ['after the opening after the clocks changed', '2026-11-02T14:32:00Z', '2026-10-30T19:59:00Z', 1, 3],
    ['at noon of a holiday', '2026-11-26T17:00:00Z', '2026-11-25T20:59:00Z', 0, 1],
    ['before the early close of a half day', '2026-11-27T17:59:00Z', '2026-11-27T17:54:00Z', 1, 5],
    ['after the early close of a half day', '2026-11-27T20:00:00Z', '2026-11-27T17:58:00Z', 0, 2],
  ])('feed metrics show the market and the trading time %s', async (_when, time, lastSuccess, open, overdue) => {
    expect(await at(time, lastSuccess)).toEqual({ open, overdue, always: 1 });
  });
});
