import pg from 'pg';
import type { Environment, InternalValues } from '#config';
import { Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { type FeedServer, startFeedServer } from '../integration/feeds/feed-server.fixture.js';
import { rss } from '../integration/feeds/rss.fixture.js';
import { alertRules } from '../setup/alert-rules.js';
import { eventually } from '../setup/eventually.js';
import { PrometheusServer } from '../setup/prometheus-server.js';
import { describeWithPrometheus } from '../setup/prometheus-tools.js';
import { readExpression } from '../setup/promql.js';
import { describeWithRedis, RedisServer } from '../setup/redis-server.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { ForkedDesk } from './forked-desk.fixture.js';

const DESK = 'deskwire';
/** A second process of the desk, whose own Redis stays up. */
const CONTROL = 'control';
const POOL_MAX = 10;
/** One user cannot exhaust the pool: their concurrent writes are limited. */
const TRADERS = 4;
const RECEIVER = 'receiver';
const SNAPSHOT = {
  ...{ broker: 'zerodha', account: 'A', asOf: '2026-08-17T09:15:00Z', currency: 'INR', cash: '1000.00' },
  positions: [],
};

interface Fault {
  /** Rules whose expressions it makes true. */
  alerts: readonly string[];
  begin: () => void | Promise<void>;
  end: () => void | Promise<void>;
}

/** How fast a desk and its Prometheus are. */
export interface WatchedDeskPace {
  scrapeEvery: string;
  env?: Environment;
  internals: readonly InternalValues[];
}

interface Servers {
  redis: RedisServer;
  redisOfControl: RedisServer;
  receiver: Receiver;
  feed: FeedServer;
  prometheus: PrometheusServer;
}

/** A desk with a Redis, a feed and a webhook that can fail, and a real Prometheus that scrapes it. */
class WatchedDesk {
  private webhook!: string;
  private readonly traders: string[] = [];
  private isFeedEmpty = false;
  private items = 0;

  private constructor(
    private readonly app: TestApp,
    private readonly control: ForkedDesk,
    private readonly database: TestDatabase,
    private readonly blocker: pg.Client,
    private readonly servers: Servers,
  ) {}

  static async start({ scrapeEvery, env, internals }: WatchedDeskPace): Promise<WatchedDesk> {
    const [database, redis, redisOfControl] = await Promise.all([
      createTestDatabase(),
      RedisServer.start(),
      RedisServer.start(),
    ]);
    const ofDesk = { REDIS_URL: redis.url, EGRESS_ALLOW_PRIVATE: 'true', DATABASE_POOL_MAX: String(POOL_MAX), ...env };
    const ofControl = { REDIS_URL: redisOfControl.url, DESKWIRE_ROLE: 'web', ...env };
    const [app, control, receiver, feed] = await Promise.all([
      startTestApp({ database, env: ofDesk, internals }),
      ForkedDesk.start(database, ofControl, internals),
      Receiver.start(),
      startFeedServer(),
    ]);
    const jobs = [
      { name: DESK, url: app.url },
      { name: CONTROL, url: control.url },
    ];
    const prometheus = await PrometheusServer.start(scrapeEvery, jobs);
    const blocker = new pg.Client({ connectionString: database.url });
    await blocker.connect();
    const servers = { redis, redisOfControl, receiver, feed, prometheus };
    const desk = new WatchedDesk(app, control, database, blocker, servers);
    await desk.prepare();
    return desk;
  }

  async stop(): Promise<void> {
    const { prometheus, redis, redisOfControl, receiver, feed } = this.servers;
    await Promise.all([prometheus.stop(), this.control.kill(), this.blocker.end()]);
    await this.app.close();
    await Promise.all([redis.stop(), redisOfControl.stop(), receiver.stop(), feed.close(), this.database.drop()]);
  }

  /** What is true of the expression of a rule: for which jobs, and which of its metrics a job does not expose (now). */
  async seen(alert: string): Promise<{ alert: string; trueFor: string[]; missing: string[] }> {
    const { expression } = alertRules.find(({ name }) => name === alert)!;
    const trueFor = (await this.servers.prometheus.query(expression)).map(({ metric }) => metric['job']!);
    const missing: string[] = [];
    for (const { metric } of readExpression(expression).selectors)
      for (const job of [DESK, CONTROL])
        if ((await this.servers.prometheus.query(`${metric}{job="${job}"}`)).length === 0)
          missing.push(`${metric} of ${job}`);
    return { alert, trueFor: [...new Set(trueFor)].sort(), missing };
  }

  /** Waits until each process was scraped after now. */
  async scraped(): Promise<void> {
    const began = Date.now() / 1_000;
    await eventually(async () => {
      const times = (await this.servers.prometheus.query('timestamp(up == 1)')).map(({ value }) => value);
      expect([times.length, Math.min(...times) > began]).toEqual([2, true]);
    });
  }

  faults(): Record<'redis' | 'pool' | 'receiver' | 'feed', Fault> {
    const { redis, receiver } = this.servers;
    let writes: Promise<number>[] = [];
    const hung: (() => void)[] = [];
    return {
      redis: { alerts: ['RedisCacheDown'], begin: () => redis.kill(), end: () => redis.restart() },
      pool: {
        alerts: ['ConnectionPoolExhaustion', 'ConnectionPoolWaiting'],
        begin: async () => {
          await this.blocker.query('BEGIN; LOCK TABLE portfolio_snapshots');
          writes = Array.from({ length: POOL_MAX + 2 }, (_, n) => this.write(n));
        },
        end: async () => {
          await this.blocker.query('ROLLBACK');
          expect(new Set(await Promise.all(writes))).toEqual(new Set([200]));
        },
      },
      // Neither WebhookQueueStalled, whose attempts go on, nor CircuitOpen, which endpoints do not have: each has a circuit in its lane.
      receiver: {
        alerts: ['WebhookDeliveryFailures'],
        begin: async () => {
          receiver.answers.set(RECEIVER, (_, response) => void hung.push(() => response.writeHead(204).end()));
          await this.deliver(3);
        },
        // The window of the rule is 5 minutes, and its traffic counts: the alert ends when a tenth fails, and a busy machine adds failures.
        end: async () => {
          receiver.answers.delete(RECEIVER);
          for (const answer of hung.splice(0)) answer();
          await this.deliver(receiver.of(RECEIVER).length * 40);
        },
      },
      feed: {
        alerts: ['ConsecutiveEmptyCycles'],
        begin: () => void (this.isFeedEmpty = true),
        end: () => void (this.isFeedEmpty = false),
      },
    };
  }

  private async prepare(): Promise<void> {
    const { app } = this;
    const { receiver, feed } = this.servers;
    const { token } = await app.login('operator');
    for (let n = 0; n < TRADERS; n++) this.traders.push((await app.login('trader')).token);
    feed.on('/rss', (_, response) => {
      const item = { guid: `made-${this.items++}`, title: 'Item' };
      response.writeHead(200, { 'content-type': 'application/rss+xml' }).end(rss(this.isFeedEmpty ? [] : [item]));
    });
    const wire = { name: 'wire', kind: 'rss', url: `${feed.origin}/rss`, cadenceMs: 1_000 };
    expect((await app.request('POST', '/v1/feeds', { token, body: wire })).status).toBe(201);
    const hook = { url: `${receiver.url}/${RECEIVER}`, desk: true };
    this.webhook = (await app.request('POST', '/v1/webhooks', { token, body: hook })).body.id;
    await this.deliver(1);
    await eventually(() => expect(receiver.of(RECEIVER)).toHaveLength(1));
  }

  private async write(n: number): Promise<number> {
    const path = `/v1/portfolios/p${n}/snapshot`;
    return (await this.app.request('PUT', path, { token: this.traders[n % TRADERS]!, body: SNAPSHOT })).status;
  }

  private async deliver(count: number): Promise<void> {
    const message = { alertId: null, endpointId: this.webhook, body: '{}' };
    const from = this.servers.receiver.receipts.length;
    const messages = Array.from({ length: count }, (_, n) => ({ ...message, messageId: `${from}-${n}` }));
    await this.app.get(Transactions).atomic(() => this.app.get(DeliveryQueue).enqueue(messages));
  }
}

/** Prometheus sees each fault in the expression of its rule as it stands in prometheus/alerts.yml, and its end. */
export function itShowsFaultsInExpressions(title: string, pace: WatchedDeskPace): void {
  describeWithPrometheus(title, () =>
    describeWithRedis('with a real Redis', () => {
      let desk: WatchedDesk;
      beforeAll(async () => void (desk = await WatchedDesk.start(pace)));
      afterAll(() => desk.stop());

      const become = async (alerts: readonly string[], trueFor: readonly string[]) => {
        for (const alert of alerts)
          await eventually(async () => expect(await desk.seen(alert)).toEqual({ alert, trueFor, missing: [] }));
      };

      it.each([
        ['a stopped Redis, of this process and not of one whose Redis stays up', 'redis'],
        ['an exhausted pool', 'pool'],
        ['a hanging receiver', 'receiver'],
        ['an empty feed', 'feed'],
      ] as const)('Prometheus sees %s, and its end', async (_, name) => {
        const { alerts, begin, end } = desk.faults()[name];
        await become(alerts, []);
        await begin();
        // The feed is in the database, which both processes of the desk read.
        await become(alerts, name === 'feed' ? [CONTROL, DESK] : [DESK]);
        if (name === 'redis') {
          // Both processes are scraped again: one would not show at once that the fault is its own, too.
          await desk.scraped();
          expect((await desk.seen('RedisCacheDown')).trueFor).not.toContain(CONTROL);
        }
        await end();
        await become(alerts, []);
      });
    }),
  );
}
