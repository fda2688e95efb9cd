import { randomUUID } from 'node:crypto';
import { Database, Transactions } from '#database';
import { Egress } from '#egress';
import { FeedsService } from '#feeds';
import { FeedReplay } from '../../libs/feeds/replay/feed-replay.js';
import { withCorrelation } from '#telemetry';
import { feedsConfig } from '#feeds/config';
import { DeliveryWake } from '../../libs/deliveries/delivery-wake.js';
import { FeedRecorder } from '../../libs/feeds/cycles/feed-recorder.js';
import { parseFeed } from '../../libs/feeds/formats/parse-feed.js';
import { type FeedServer, startFeedServer } from '../integration/feeds/feed-server.fixture.js';
import { made, rss } from '../integration/feeds/rss.fixture.js';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { BackendLoss, type Moment } from './backend-loss.fixture.js';

const ENDPOINTS = 2;

describe('an item of a feed, all the way to signed webhooks', () => {
  let feeds: FeedServer;
  let app: TestApp;
  let operator: string;
  let trader: string;
  let receivers: TestReceiver[];
  let endpoints: string[];

  beforeAll(async () => {
    feeds = await startFeedServer();
    app = await startTestApp({
      env: { EGRESS_ALLOW_HOSTS: feeds.host },
      internals: [feedsConfig.with({ pollMs: 60_000 })],
    });
    receivers = await Promise.all(Array.from({ length: ENDPOINTS }, () => new TestReceiver().open()));
    operator = (await app.login('operator')).token;
    trader = (await app.login('trader')).token;
    endpoints = [];
    for (const receiver of receivers) {
      app.get(Egress).allow(receiver.host);
      const { body } = await app.request('POST', '/v1/webhooks', { token: trader, body: { url: receiver.url } });
      receiver.secrets = [body.secret];
      endpoints.push(body.id);
    }
    const condition = {
      all: [
        { op: 'equals', field: 'type', value: 'NewsPublished' },
        { op: 'contains', field: 'payload.title', value: 'Item' },
      ],
    };
    const rule = await app.request('POST', '/v1/alert-rules', {
      token: trader,
      body: { name: 'Items', severity: 'critical', condition, channels: endpoints },
    });
    expect(rule.status).toBe(201);
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([feeds.close(), ...receivers.map((receiver) => receiver.close())]);
  });

  const source = async (name: string) =>
    (await app.get(FeedsService).forReplay({ name, kind: 'rss', url: `https://wire.example/${name}` })).id;
  /** Counts everything about a source's items, from the claim to the endpoints' answers. */
  const state = async (sourceId: string) => {
    const [row] = await app
      .get(Database)
      .rows<Record<'claims' | 'events' | 'alerts' | 'deliveries' | 'delivered', number>>(
        `WITH e AS (SELECT id FROM trading_events WHERE type = 'NewsPublished' AND payload ->> 'sourceId' = $1::uuid::text),
            a AS (SELECT a.id FROM alerts a JOIN e ON e.id = a.event_id),
            q AS (SELECT q.status FROM alert_delivery_queue q JOIN a ON a.id = q.alert_id)
       SELECT (SELECT count(*)::int FROM feed_seen_items WHERE source_id = $1::uuid) AS claims, (SELECT count(*)::int FROM e) AS events,
              (SELECT count(*)::int FROM a) AS alerts, (SELECT count(*)::int FROM q) AS deliveries,
              (SELECT count(*)::int FROM q WHERE status = 'delivered') AS delivered`,
        [sourceId],
      );
    return row!;
  };
  const whole = (items: number) => ({
    claims: items,
    events: items,
    alerts: items,
    deliveries: items * ENDPOINTS,
    delivered: items * ENDPOINTS,
  });

  it('a feed item causes one event, one alert and one verified message per endpoint, under one correlation id', async () => {
    feeds.on('/rss', rss(made(2)));
    const { body: feed } = await app.request('POST', '/v1/feeds', {
      token: operator,
      body: { name: 'wire', kind: 'rss', url: `${feeds.origin}/rss`, cadenceMs: 3_600_000, alertOnFirst: 2 },
    });
    await eventually(() => expect(receivers.map(({ effects }) => effects.size)).toEqual([2, 2]));
    expect(await state(feed.id)).toMatchObject({ claims: 2, events: 2, alerts: 2, deliveries: 4 });
    for (const { receipts } of receivers) expect(receipts.map(({ verified }) => verified)).toEqual([true, true]);
    const alerts = (await app.request('GET', '/v1/alerts', { token: trader })).body.items;
    expect(new Set(receivers.flatMap(({ effects }) => [...effects.keys()]))).toEqual(
      new Set(alerts.map(({ id }: { id: string }) => id)),
    );
    const message = JSON.parse(receivers[0]!.receipts[0]!.body);
    expect(message).toMatchObject({
      id: receivers[0]!.receipts[0]!.id,
      type: 'alert',
      severity: 'critical',
      title: expect.stringMatching(/^Item [12]$/),
      event: { type: 'NewsPublished' },
      rule: { name: 'Items' },
    });
    const { cycles } = (await app.request('GET', '/v1/feeds', { token: trader })).body.items.find(
      ({ id }: { id: string }) => id === feed.id,
    );
    const events = (
      await app.request('GET', `/v1/events?correlationId=${cycles[0].correlationId}`, { token: operator })
    ).body.items;
    expect(events.map(({ id }: { id: string }) => id)).toContain(message.event.id);
    const log = (await app.request('GET', `/v1/webhooks/${endpoints[0]}/deliveries`, { token: trader })).body.items;
    expect(log.map((row: { correlationId: string }) => row.correlationId)).toEqual([
      cycles[0].correlationId,
      cycles[0].correlationId,
    ]);
  });

  it('200 concurrent claims of an item cause one event, one alert and one message per endpoint', async () => {
    const id = await source('crowd');
    const before = receivers.map(({ receipts }) => receipts.length);
    const { items } = await parseFeed('rss', rss(made(1)));
    const taken = await Promise.all(
      Array.from({ length: 200 }, () =>
        withCorrelation(undefined, () =>
          app.get(Transactions).atomic(() => app.get(FeedRecorder).take({ id, name: 'crowd' }, items, new Date())),
        ),
      ),
    );
    expect(taken.filter(({ fresh }) => fresh === 1)).toHaveLength(1);
    await eventually(async () => expect(await state(id)).toEqual(whole(1)));
    expect(receivers.map(({ receipts }, n) => receipts.length - before[n]!)).toEqual([1, 1]);
  });

  it.each(['before', 'after'] as const)(
    'a feed item survives the loss of the backend %s any statement of its transaction: no loss, no double',
    async (moment: Moment) => {
      const before = receivers.map(({ effects }) => effects.size);
      const pages = [Buffer.from(rss(made(2)))];
      const sources: string[] = [];
      const statements: string[] = [];
      let complete = 0;
      for (let nth = 1; ; nth++) {
        const id = await source(`${moment}-${nth}-${randomUUID()}`);
        sources.push(id);
        Object.assign(app.get(DeliveryWake), { askedAt: Number.NEGATIVE_INFINITY }); // The wake-up takes part each time, not four times per second.
        const loss = new BackendLoss(app.database.url, nth, moment);
        const { outcome } = await loss.during(() => app.get(FeedReplay).replay(id, { name: 'poll', pages }));
        if (loss.statement === undefined) break;
        statements.push(loss.statement);
        expect([nth, outcome]).toEqual([nth, 'lost']);
        const { claims, events, alerts, deliveries } = await state(id);
        // All or nothing: after COMMIT all of it, although the answer was lost.
        expect([nth, events, alerts, deliveries]).toEqual([nth, claims, claims, claims * ENDPOINTS]);
        expect([0, 2]).toContain(claims);
        if (claims === 2) complete++;
        await app.get(Database).rows('UPDATE feed_sources SET lease_until = NULL WHERE id = $1', [id]); // Simulates the passing of time.
        await app.get(FeedReplay).replay(id, { name: 'poll', pages });
      }
      expect(complete).toBe(moment === 'after' ? 1 : 0);
      const parts = [
        /feed_seen_items/,
        /INTO trading_events/,
        /INTO alerts/,
        /INTO alert_delivery_queue/,
        /add_job/,
        /COMMIT/,
      ];
      expect(parts.filter((part) => !statements.some((text) => part.test(text)))).toEqual([]);
      await eventually(async () => {
        for (const id of sources) expect(await state(id)).toEqual(whole(2));
      });
      // Received by the endpoints: each message once, verified.
      expect(receivers.map(({ effects }, n) => effects.size - before[n]!)).toEqual(
        receivers.map(() => sources.length * 2),
      );
      for (const { receipts, effects } of receivers)
        expect([receipts.length, receipts.filter(({ verified }) => verified).length]).toEqual([
          effects.size,
          effects.size,
        ]);
    },
  );
});
