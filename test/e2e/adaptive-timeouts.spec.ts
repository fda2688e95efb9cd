import { setTimeout as pause } from 'node:timers/promises';
import { feedsConfig } from '#feeds/config';
import { webhooksConfig } from '#webhooks/config';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { type FeedServer, startFeedServer } from '../integration/feeds/feed-server.fixture.js';
import { made, rss } from '../integration/feeds/rss.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const MAXIMUM_MS = 8_000;
const MINIMUM_MS = 400;

interface Timeout {
  name: string;
  timeoutMs: number;
  minTimeoutMs: number;
  maxTimeoutMs: number;
  p99Ms: number | null;
}

describe('the timeouts of dependencies', () => {
  let desk: TestApp;
  let receiver: Receiver;
  let feeds: FeedServer;
  let token: string;
  let endpoint: string;
  let other: string;

  beforeAll(async () => {
    [receiver, feeds] = await Promise.all([Receiver.start(), startFeedServer()]);
    desk = await startTestApp({
      env: { EGRESS_ALLOW_PRIVATE: 'true', RESILIENCE_POLICIES: 'feed:*.halfOpenAfterMs=1000' },
      internals: [
        webhooksConfig.with({ timeoutMs: MAXIMUM_MS, minTimeoutMs: MINIMUM_MS }),
        feedsConfig.with({ timeoutMs: 20_000, pollMs: 50 }),
      ],
    });
    ({ token } = await desk.login('operator'));
    const create = async (path: string) =>
      (await desk.request('POST', '/v1/webhooks', { token, body: { url: `${receiver.url}/${path}`, desk: true } })).body
        .id as string;
    [endpoint, other] = [await create('slow'), await create('other')];
  });
  afterAll(async () => {
    await desk.close();
    await Promise.all([receiver.stop(), feeds.close()]);
  });

  const breakers = async () => (await desk.request('GET', '/v1/system/breakers', { token })).body;
  const timeoutOf = async (id: string): Promise<Timeout> =>
    (await breakers()).timeouts.find(({ name }: Timeout) => name === `webhook:${id}`);
  const send = async (id: string) => (await desk.request('POST', `/v1/webhooks/${id}/test`, { token })).body;

  it('the timeout of an endpoint stays at its maximum for 19 quick answers and is shortened by the 20th', async () => {
    for (let n = 0; n < 19; n++) expect(await send(endpoint)).toMatchObject({ delivered: true });
    const limits = { minTimeoutMs: MINIMUM_MS, maxTimeoutMs: MAXIMUM_MS };
    expect(await timeoutOf(endpoint)).toEqual({
      ...{ name: `webhook:${endpoint}`, ...limits, timeoutMs: MAXIMUM_MS, p99Ms: null },
    });
    await send(endpoint);
    const { timeoutMs, p99Ms } = await timeoutOf(endpoint);
    expect(timeoutMs).toBeLessThan(MAXIMUM_MS);
    expect(timeoutMs).toBeGreaterThanOrEqual(Math.max(MINIMUM_MS, p99Ms!));
    const { body } = await desk.request('GET', '/metrics');
    expect(body).toContain('resilience_channel_targets{channel="webhook",timeout="shortened"} 1');
  });

  // The receiver really takes three times the timeout: the desk measures its time on the wire.
  it('an endpoint that became slower times out, and succeeds when its timeout has risen', async () => {
    let waits = 0;
    receiver.answers.set('slow', (_receipt, response) => {
      waits += 1;
      void pause(3 * MINIMUM_MS).then(() => response.writeHead(204).end());
    });
    const before = await timeoutOf(endpoint);
    const outcomes: { delivered: boolean; errorClass: string | null }[] = [];
    while (outcomes.at(-1)?.delivered !== true) outcomes.push(await send(endpoint));
    // At 400 ms, and at 800 ms unless the first answers were slow.
    expect(outcomes.slice(0, -1).every(({ errorClass }) => errorClass === 'timeout')).toBe(true);
    expect(outcomes.length).toBeLessThanOrEqual(4);
    // An attempt may end before its request has arrived.
    expect(waits).toBeLessThanOrEqual(outcomes.length);
    const after = await timeoutOf(endpoint);
    expect(after.timeoutMs).toBeGreaterThanOrEqual(before.timeoutMs * 2 ** (outcomes.length - 1));
    expect(after.timeoutMs).toBeGreaterThanOrEqual(3 * MINIMUM_MS);
  });

  it('the timeout of one endpoint does not depend on another one of the same host', async () => {
    await send(other);
    expect(await timeoutOf(other)).toMatchObject({ timeoutMs: MAXIMUM_MS, p99Ms: null });
  });

  it('the timeout of a feed is shown for its host, with its limits, and as a metric', async () => {
    feeds.on('/rss', rss(made(1)));
    const body = { name: 'wire', kind: 'rss', url: `${feeds.origin}/rss`, cadenceMs: 3_600_000, requestsPerSecond: 20 };
    expect((await desk.request('POST', '/v1/feeds', { token, body })).status).toBe(201);
    const name = `feed:${feeds.host}`;
    await eventually(async () =>
      expect((await breakers()).items.find((one: Timeout) => one.name === name)).toMatchObject({
        ...{ state: 'closed', calls: 1, failures: 0 },
        ...{ timeoutMs: 21_000, minTimeoutMs: 4_200, maxTimeoutMs: 21_000, p99Ms: null },
      }),
    );
    expect((await desk.request('GET', '/metrics')).body).toContain(`resilience_timeout_seconds{name="${name}"} 21`);
  });

  it('the breaker of a feed is shown as open with its reason while it is open, and as closed after its probe', async () => {
    const [{ id }] = (await desk.request('GET', '/v1/feeds', { token })).body.items;
    const shown = async () =>
      (await breakers()).items.find(({ name }: Timeout) => name === `feed:${feeds.host}`) as {
        state: string;
        reason: string;
        since: string;
        failures: number;
      };
    const runUntil = (state: string) =>
      eventually(async () => {
        await desk.request('POST', `/v1/feeds/${id}/run`, { token });
        expect((await shown()).state).toBe(state);
      });
    feeds.on('/rss', (_request, response) => void response.writeHead(500).end());
    await runUntil('open');
    const asked = feeds.requests.length;
    const open = await shown();
    expect(open).toMatchObject({ reason: 'server (FEEDS_HTTP_STATUS)', since: expect.any(String) });
    // 10 calls, of which at most 3 succeeded.
    expect(open.failures).toBeGreaterThanOrEqual(7);
    const metric = `resilience_breaker_state{name="feed:${feeds.host}"}`;
    expect((await desk.request('GET', '/metrics')).body).toContain(`${metric} 1`);
    expect(feeds.requests.length).toBe(asked);
    feeds.on('/rss', rss(made(1)));
    await runUntil('closed');
    expect((await desk.request('GET', '/metrics')).body).toContain(`${metric} 0`);
  });
});
