import { Database } from '#database';
import { FeedsModule, FeedsService } from '#feeds';
import { FeedReplay } from '../../../libs/feeds/replay/feed-replay.js';
import { FeedGauges } from '../../../libs/feeds/cycles/feed-gauges.js';
import { FeedWatch } from '../../../libs/feeds/cycles/feed-watch.js';
import type { NewFeedSource } from '../../../libs/feeds/sources/feed-source.js';
import { feedsConfig } from '#feeds/config';
import { FeedLeasesRepository } from '../../../libs/feeds/sources/feed-leases.repository.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { VirtualClock } from '../../setup/virtual-clock.js';
import { made, rss } from './rss.fixture.js';

// Wednesday 2026-11-04: New York is at -05:00, open from 14:30 to 21:00 UTC.
const OPEN = '2026-11-04T15:00:00Z';
const CLOSED = '2026-11-04T22:00:00Z';
const MINUTE = 60_000;

describe('the state of a feed', () => {
  let module: TestModule;
  let rows: <T = any>(sql: string, params?: unknown[]) => Promise<T[]>;
  const clock = new VirtualClock(OPEN);

  beforeAll(async () => {
    // A worker without job runner and poller. It writes states and records events.
    module = await testModule([FeedsModule], {
      env: { DESKWIRE_ROLE: 'worker' },
      internals: [feedsConfig.with({ pollMs: 60_000, watchMs: 3_600_000 })],
      clock,
    });
    rows = (sql, params) => module.get(Database).rows(sql, params) as never;
  });
  beforeEach(async () => {
    await rows('DELETE FROM feed_sources');
    clock.set(OPEN);
  });
  afterAll(() => module.close());

  const add = async (wanted: Partial<NewFeedSource> = {}) => {
    const { id } = await module.get(FeedsService).forReplay({
      name: 'wire',
      kind: 'rss',
      url: 'https://wire.example/rss',
      venue: 'NYSE',
      cadenceMs: MINUTE,
      ...wanted,
    });
    // Enabled for the watch. The poller of this suite runs once a minute, and the source is not due within that time.
    await rows(`UPDATE feed_sources SET enabled = true, next_run_at = '2100-01-01', created_at = $2 WHERE id = $1`, [
      id,
      clock.now(),
    ]);
    return id;
  };
  const poll = async (id: string, items: number, after = MINUTE) => {
    clock.advance(after);
    const result = await module.get(FeedReplay).replay(id, { name: 'x', pages: [Buffer.from(rss(made(items)))] });
    await rows(`UPDATE feed_sources SET next_run_at = '2100-01-01' WHERE id = $1`, [id]);
    return result;
  };
  const fail = async (id: string) => {
    clock.advance(MINUTE);
    await module.get(FeedReplay).replay(id, { name: 'x', pages: [Buffer.from('<html><title>Sorry</title></html>')] });
    await rows(`UPDATE feed_sources SET next_run_at = '2100-01-01' WHERE id = $1`, [id]);
  };
  const look = async (after = 0) => {
    clock.advance(after);
    await module.get(FeedWatch).look();
    await module.get(FeedGauges).publish();
  };
  const told = async (id: string) =>
    (
      await rows(
        `SELECT type FROM trading_events WHERE payload->>'sourceId' = $1 AND type LIKE 'Feed%' ORDER BY recorded_at, id`,
        [id],
      )
    ).map(({ type }) => type);
  const stateOf = async () => (await module.get(FeedsService).list()).items[0]!.state;

  it('notifies operators once after five empty cycles, and once of the recovery', async () => {
    const id = await add();
    await poll(id, 3);
    expect(await stateOf()).toBe('live');
    for (let cycle = 1; cycle <= 4; cycle++) await poll(id, 3);
    expect(await told(id)).toEqual([]);
    for (let cycle = 5; cycle <= 12; cycle++) await poll(id, 3);
    expect(await told(id)).toEqual(['FeedWentEmpty']);
    expect(await stateOf()).toBe('quiet');
    const [{ payload }] = await rows(
      `SELECT payload FROM trading_events WHERE type = 'FeedWentEmpty' AND payload->>'sourceId' = $1`,
      [id],
    );
    expect(payload).toMatchObject({
      source: 'wire',
      consecutiveEmpty: 5,
      reason: '5 cycles in a row brought nothing new',
    });
    await poll(id, 4);
    await poll(id, 5);
    expect(await told(id)).toEqual(['FeedWentEmpty', 'FeedRecovered']);
    expect(await stateOf()).toBe('live');
  });

  it('causes no alert while the market is closed, and that silence does not count afterwards', async () => {
    const id = await add();
    await poll(id, 3);
    clock.set(CLOSED);
    for (let cycle = 1; cycle <= 20; cycle++) await poll(id, 3);
    await look();
    expect(await told(id)).toEqual([]);
    expect(await stateOf()).toBe('quiet');
    const [{ consecutive_empty: empty }] = await rows('SELECT consecutive_empty FROM feed_sources');
    expect(empty).toBe(0);
  });

  it('a feed that answers without its expected items is stale, with one alert and one recovery', async () => {
    const id = await add({ expectedEveryMs: 10 * MINUTE, emptyLimit: 0 });
    await poll(id, 3);
    for (let cycle = 0; cycle < 10; cycle++) await poll(id, 3);
    expect(await told(id)).toEqual([]);
    for (let cycle = 0; cycle < 5; cycle++) {
      await poll(id, 3);
      await look();
    }
    expect(await told(id)).toEqual(['FeedWentStale']);
    expect(await stateOf()).toBe('stale');
    await poll(id, 4);
    await look();
    expect(await told(id)).toEqual(['FeedWentStale', 'FeedRecovered']);
  });

  it('a feed without cycles is stale, which one of two concurrent watches records', async () => {
    const id = await add();
    await poll(id, 3);
    await look(3 * MINUTE);
    expect(await told(id)).toEqual([]);
    clock.advance(MINUTE);
    const { withCorrelation } = await import('#telemetry');
    await Promise.all([1, 2, 3].map(() => withCorrelation(undefined, () => look())));
    expect(await told(id)).toEqual(['FeedWentStale']);
    await poll(id, 3);
    expect(await told(id)).toEqual(['FeedWentStale', 'FeedRecovered']);
  });

  it('a feed does not become stale overnight or at the opening', async () => {
    const id = await add();
    clock.set('2026-11-04T20:59:00Z');
    await poll(id, 3, 0);
    await look(17 * 60 * MINUTE + 31 * MINUTE + 30_000); // the next day, half a minute after the opening
    expect(await told(id)).toEqual([]);
    await look(3 * MINUTE);
    expect(await told(id)).toEqual(['FeedWentStale']);
  });

  it('a feed is failing after three failures at any hour, with one notification', async () => {
    clock.set(CLOSED);
    const id = await add();
    await poll(id, 3);
    for (let failures = 0; failures < 6; failures++) await fail(id);
    expect(await told(id)).toEqual(['FeedFailing']);
    expect(await stateOf()).toBe('failing');
    const [{ consecutive_empty: empty }] = await rows('SELECT consecutive_empty FROM feed_sources');
    expect(empty).toBe(0);
    await poll(id, 3);
    expect(await told(id)).toEqual(['FeedFailing', 'FeedRecovered']);
  });

  it('a feed is not live while its cycles kill their process', async () => {
    const id = await add();
    await poll(id, 3);
    for (let crash = 1; crash <= 3; crash++) {
      // Leased, and then the process is killed, so no cycle ends.
      await module.get(FeedLeasesRepository).leaseOne(id, crypto.randomUUID(), 1);
      await rows(`UPDATE feed_sources SET lease_until = now() - interval '1 second'`);
      clock.advance(20_000);
      await look();
    }
    expect(await told(id)).toEqual(['FeedFailing']);
    expect(await stateOf()).toBe('failing');
    const [{ payload }] = await rows(
      `SELECT payload FROM trading_events WHERE type = 'FeedFailing' AND payload->>'sourceId' = $1`,
      [id],
    );
    expect(payload.reason).toBe('3 cycles were begun and never ended');
  });

  it('appears in the metrics of the alert rules, one series per source', async () => {
    const id = await add();
    await poll(id, 3);
    for (let cycle = 0; cycle < 6; cycle++) await poll(id, 3);
    await look(2 * MINUTE);
    const { register } = await import('prom-client');
    const valueOf = async (name: string, labels: object) =>
      (await (register.getSingleMetric(name) as any).get()).values.find(
        (one: any) => JSON.stringify(one.labels) === JSON.stringify(labels),
      )?.value;
    expect(await valueOf('feeds_consecutive_empty', { source: 'wire' })).toBe(6);
    expect(await valueOf('feeds_overdue_ratio', { source: 'wire' })).toBe(2);
    expect(await valueOf('feeds_last_cycle_age_seconds', {})).toBe(120);
    expect(await valueOf('feeds_sources', { state: 'quiet' })).toBe(1);
    await rows('DELETE FROM feed_sources');
    await look();
    expect(await valueOf('feeds_consecutive_empty', { source: 'wire' })).toBeUndefined();
  });
});
