import { Database } from '#database';
import { Egress } from '#egress';
import { Breakers } from '#resilience';
import { deliveriesConfig } from '#deliveries/config';
import { feedsConfig } from '#feeds/config';
import { webhooksConfig } from '#webhooks/config';
import { type FeedServer, startFeedServer } from '../integration/feeds/feed-server.fixture.js';
import { type MadeItem, rss } from '../integration/feeds/rss.fixture.js';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const BROKEN_AT_FIRST = 12;

describe('an endpoint that fails for long, from a feed to its recovery', () => {
  let feeds: FeedServer;
  let app: TestApp;
  let operator: string;
  let feed: string;
  /** Receives the operator events, and is an operator endpoint itself. It must not be notified about itself. */
  let failing: { id: string; receiver: TestReceiver };
  /** The endpoint that operators read. */
  let other: { id: string; receiver: TestReceiver };
  const items: MadeItem[] = [];

  beforeAll(async () => {
    feeds = await startFeedServer();
    app = await startTestApp({
      env: {
        EGRESS_ALLOW_HOSTS: feeds.host,
      },
      internals: [
        feedsConfig.with({ pollMs: 60_000 }),
        webhooksConfig.with({ probeSeconds: 1, upkeepMs: 50 }),
        deliveriesConfig.with({ heldMax: 500 }),
      ],
    });
    operator = (await app.login('operator')).token;
    [failing, other] = [await endpoint(), await endpoint()];
    const rule = {
      name: 'News',
      scope: 'desk',
      severity: 'warning',
      condition: { op: 'equals', field: 'type', value: 'NewsPublished' },
      channels: [failing.id],
    };
    expect((await call('POST', '/v1/alert-rules', rule)).status).toBe(201);
    feeds.on('/rss', rss([]));
    feed = (
      await call('POST', '/v1/feeds', {
        name: 'wire',
        kind: 'rss',
        url: `${feeds.origin}/rss`,
        cadenceMs: 3_600_000,
        emptyLimit: 0,
        alertOnFirst: 5_000,
      })
    ).body.id;
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([feeds.close(), failing.receiver.close(), other.receiver.close()]);
  });

  const call = (method: string, path: string, body?: unknown) => app.request(method, path, { token: operator, body });
  const sql = <T = any>(text: string) => app.get(Database).rows<T>(text, [failing.id]);
  const health = async () => (await call('GET', `/v1/webhooks/${failing.id}/health`)).body;
  const heard = () =>
    other.receiver.receipts.map(({ body }) => JSON.parse(body)).map(({ event }) => event.type as string);
  const news = () => failing.receiver.receipts.map(({ body }) => JSON.parse(body).title as string);

  async function endpoint() {
    const receiver = await new TestReceiver().open();
    app.get(Egress).allow(receiver.host);
    const { body } = await call('POST', '/v1/webhooks', { url: receiver.url, desk: true, operator: true });
    receiver.secrets = [body.secret];
    return { id: body.id as string, receiver };
  }

  /** Delivers `count` more items of the feed in one poll and waits until all are enqueued. */
  async function publish(count: number) {
    for (let n = 0; n < count; n++)
      items.push({ guid: `n-${items.length}`, title: `News ${String(items.length).padStart(3, '0')}` });
    feeds.on('/rss', rss(items.toReversed())); // newest first, as feeds are
    // A run during a cycle of the feed, such as its first one, does nothing.
    await eventually(async () => {
      await call('POST', `/v1/feeds/${feed}/run`);
      expect(await sql(`SELECT FROM alert_delivery_queue WHERE endpoint_id = $1`)).toHaveLength(items.length);
    });
  }

  it('a failing endpoint becomes degraded, and other operator endpoints are notified', async () => {
    failing.receiver.answer = () => ({ status: 503 });
    await publish(BROKEN_AT_FIRST);
    await eventually(async () => expect(await health()).toMatchObject({ state: 'degraded', stateReason: 'failing' }));
    await eventually(() => expect(heard()).toContain('WebhookDegraded'));
  });

  it('an endpoint that fails for 120 hours is disabled, and its deliveries are held up to a limit', async () => {
    await sql(`UPDATE webhook_endpoints SET failing_since = now() - interval '121 hours' WHERE id = $1`);
    // Simulates the passing of time: the circuit is due for its probe, and so is a retry.
    await sql(`UPDATE delivery_lanes SET probe_at = now() WHERE endpoint_id = $1 AND circuit <> 'closed'`);
    await sql(`UPDATE alert_delivery_queue SET next_attempt_at = now() WHERE endpoint_id = $1 AND status = 'pending'`);
    await eventually(async () => expect(await health()).toMatchObject({ state: 'disabled', stateReason: 'failing' }));
    await eventually(() => expect(heard()).toContain('WebhookDisabled'));
    for (let poll = 0; poll < 4; poll++) await publish(8);
    await eventually(async () =>
      expect(await health()).toMatchObject({ state: 'disabled', held: items.length, pending: 0, heldMax: 500 }),
    );
  });

  it('a disabled endpoint is probed with one delivery at a time', async () => {
    const before = news().length;
    await eventually(() => expect(news().length).toBeGreaterThanOrEqual(before + 2));
    expect(new Set(news().slice(before))).toEqual(new Set(['News 000']));
    await eventually(() => expect(heard()).toContain('WebhookProbed'));
  });

  it('a successful probe recovers an endpoint, and all held deliveries arrive in order, verified', async () => {
    const before = news().length;
    failing.receiver.answer = () => ({ status: 200 });
    await eventually(async () => expect(await health()).toMatchObject({ state: 'healthy', held: 0, pending: 0 }));
    const arrived = failing.receiver.receipts.slice(before).filter(({ id }) => failing.receiver.effects.has(id));
    const titles = arrived.map(({ body }) => JSON.parse(body).title as string);
    // A probe that failed shortly before may have been the last attempt of the first delivery.
    expect(titles.slice(titles.lastIndexOf('News 000'))).toEqual(items.map(({ title }) => title));
    expect(arrived.every(({ verified }) => verified)).toBe(true);
    await eventually(() => expect(heard()).toContain('WebhookRecovered'));
    await publish(1);
    await eventually(() => expect(news().at(-1)).toBe(items.at(-1)!.title));
  });

  it('operators were notified once of each step, in order, and never by the endpoint itself', () => {
    expect(heard()).toEqual(['WebhookDegraded', 'WebhookDisabled', 'WebhookProbed', 'WebhookRecovered']);
    for (const { body } of other.receiver.receipts)
      expect(JSON.parse(body)).toMatchObject({ event: { payload: { endpointId: failing.id } } });
    expect(failing.receiver.receipts.filter(({ body }) => JSON.parse(body).event.type !== 'NewsPublished')).toEqual([]);
  });

  it('a 410 leaves a dead letter, which operators are notified of and can retry', async () => {
    other.receiver.receipts.length = 0;
    failing.receiver.answer = () => ({ status: 410 });
    await publish(1);
    await eventually(() => expect(heard().sort()).toEqual(['DeliveryDeadLettered', 'WebhookDisabled']));
    const told = other.receiver.receipts
      .map(({ body }) => JSON.parse(body))
      .find(({ event }) => event.type === 'DeliveryDeadLettered');
    expect(told).toMatchObject({
      severity: 'warning',
      event: { payload: { endpointId: failing.id, host: failing.receiver.host, statusCode: 410, attempts: 1 } },
    });
    const [dead] = (await call('GET', `/v1/deliveries?status=dead&endpointId=${failing.id}`)).body.items;
    expect(told.event.payload).toMatchObject({ deliveryId: dead.id, messageId: dead.messageId });
    failing.receiver.answer = () => ({ status: 200 });
    await call('POST', `/v1/webhooks/${failing.id}/enable`);
    expect((await call('POST', `/v1/deliveries/${dead.id}/retry`)).status).toBe(200);
    await eventually(() => expect(failing.receiver.effects.has(dead.messageId)).toBe(true));
  });

  it('circuit breakers and unformattable alerts notify operators the same way, verified', async () => {
    other.receiver.receipts.length = 0;
    const wordless = {
      name: 'Wordless',
      scope: 'desk',
      severity: 'info',
      condition: { op: 'in', field: 'type', values: ['NewsPublished', 'TradingHalted'] },
      channels: [],
      message: { title: '{payload.symbol}' },
    };
    expect((await call('POST', '/v1/alert-rules', wordless)).status).toBe(201);
    app.get(Breakers).moved({ name: 'www.sec.gov', from: 'closed', to: 'open', at: new Date(), reason: 'timeout' });
    await publish(1);
    await eventually(() => expect(heard()).toEqual(expect.arrayContaining(['BreakerOpened', 'AlertUnformattable'])));
    const unformattable = other.receiver.receipts
      .map(({ body }) => JSON.parse(body))
      .find(({ event }) => event.type === 'AlertUnformattable');
    expect(unformattable.body).toContain('payload.symbol');
    expect(other.receiver.receipts.every(({ verified }) => verified)).toBe(true);
  });
});
