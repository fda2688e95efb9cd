import { type FeedServer, startFeedServer } from '../integration/feeds/feed-server.fixture.js';
import { made, rss } from '../integration/feeds/rss.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { feedsConfig } from '#feeds/config';

describe('feeds over HTTP', () => {
  let server: FeedServer;
  let app: TestApp;
  let operator: string;
  let viewer: string;

  beforeAll(async () => {
    server = await startFeedServer();
    app = await startTestApp({
      env: { EGRESS_ALLOW_HOSTS: server.host },
      internals: [feedsConfig.with({ pollMs: 60_000, watchMs: 200 })],
    });
    operator = (await app.login('operator')).token;
    viewer = (await app.login('viewer')).token;
  });
  afterAll(async () => {
    await app.close();
    await server.close();
  });

  const as = (token: string) => (method: string, path: string, body?: unknown) =>
    app.request(method, path, { token, body });
  const feed = (changes: object = {}) => ({
    name: 'wire',
    kind: 'rss',
    url: `${server.origin}/rss`,
    cadenceMs: 3_600_000,
    ...changes,
  });
  const shown = async (name: string) =>
    (await as(viewer)('GET', '/v1/feeds')).body.items.find((item: any) => item.name === name);

  it('an added feed is polled at once and shown with the duration of each stage', async () => {
    server.on('/rss', rss(made(3)));
    const created = await as(operator)('POST', '/v1/feeds', feed());
    expect(created).toMatchObject({
      status: 201,
      body: {
        ...{ name: 'wire', state: 'quiet', enabled: true, cycles: [], statistics: null },
        ...{ timeZone: null, alertOnFirst: 0, movedTo: null, goneAt: null },
      },
    });
    await eventually(async () => expect((await shown('wire')).cycles).toHaveLength(1));
    const wire = await shown('wire');
    expect(wire).toMatchObject({
      state: 'live',
      consecutiveEmpty: 0,
      statistics: {
        cycles: 1,
        failed: 0,
        hitRate: 0,
        headroom: expect.any(Number),
        itemsPerSecond: expect.any(Number),
      },
      cycles: [
        {
          outcome: 'fresh',
          httpStatus: 200,
          entries: 3,
          fresh: 3,
          stagesMs: { fetch: expect.any(Number), parse: expect.any(Number), record: expect.any(Number) },
          correlationId: expect.any(String),
        },
      ],
    });
    const events = (await as(operator)('GET', `/v1/events?correlationId=${wire.cycles[0].correlationId}`)).body.items;
    expect(events.map(({ type }: any) => type)).toEqual(['NewsPublished', 'NewsPublished', 'NewsPublished']);
  });

  it('a feed is polled on request, whatever its cadence', async () => {
    server.on('/rss', rss(made(4)));
    const { id } = await shown('wire');
    expect(await as(operator)('POST', `/v1/feeds/${id}/run`)).toMatchObject({
      status: 202,
      body: { id, queued: true },
    });
    await eventually(async () =>
      expect((await shown('wire')).cycles[0]).toMatchObject({ outcome: 'fresh', fresh: 1, seen: 3 }),
    );
  });

  it('cycles of a feed are listed by page, outcome and time, with the duration of each stage', async () => {
    const { id, cycles } = await shown('wire');
    const list = async (query = '') => (await as(viewer)('GET', `/v1/feeds/${id}/cycles?${query}`)).body;
    expect((await list()).items).toEqual(cycles);
    const first = await list('limit=1&sort=startedAt');
    const second = await list(`limit=1&sort=startedAt&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items]).toEqual([...cycles].reverse());
    expect(first.items[0].stagesMs).toEqual({
      fetch: expect.any(Number),
      parse: expect.any(Number),
      record: expect.any(Number),
    });
    expect((await list('outcome=fresh&outcome=failed')).items).toHaveLength(2);
    expect((await list('outcome=failed')).items).toEqual([]);
    expect((await list('to=2020-01-01T00:00:00Z')).items).toEqual([]);
    const unknown = await as(viewer)('GET', '/v1/feeds/00000000-0000-7000-8000-000000000000/cycles');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'FEEDS_NOT_FOUND']);
  });

  it('feeds are changed and removed, and a disabled feed is not polled', async () => {
    const { id } = await shown('wire');
    expect(await as(operator)('PATCH', `/v1/feeds/${id}`, { enabled: false, cadenceMs: 5_000 })).toMatchObject({
      status: 200,
      body: { enabled: false, cadenceMs: 5_000, url: `${server.origin}/rss` },
    });
    expect(await as(operator)('POST', `/v1/feeds/${id}/run`)).toMatchObject({
      status: 409,
      body: { code: 'FEEDS_DISABLED' },
    });
    expect(await as(operator)('DELETE', `/v1/feeds/${id}`)).toMatchObject({ status: 204 });
    expect(await as(operator)('DELETE', `/v1/feeds/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'FEEDS_NOT_FOUND' },
    });
    expect(await shown('wire')).toBeUndefined();
  });

  it.each([
    ['a private address', { url: 'http://10.1.2.3/rss' }, 'url'],
    ['the metadata of a cloud', { url: 'http://169.254.169.254/latest/meta-data/' }, 'url'],
    ['another scheme', { url: 'file:///etc/passwd' }, 'url'],
    ['a credential in plain text', { headers: { Authorization: 'Bearer abc' } }, 'headers.Authorization'],
    ['a credential in the URL', { url: 'https://x.example/rss?api_key=abc' }, 'url'],
    ['EDGAR without a contact', { kind: 'edgar' }, 'headers'],
    [
      'EDGAR faster than the SEC allows',
      { kind: 'edgar', headers: { 'User-Agent': 'Desk desk@desk.example' }, requestsPerSecond: 11 },
      'requestsPerSecond',
    ],
    ['quotes without a broker', { kind: 'quotes-csv' }, 'settings.quotes'],
    ['an unknown field', { cadence: 5 }, 'cadence'],
    ['an unknown venue', { venue: 'MOON' }, 'venue'],
    ['an unknown time zone', { timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['fewer than no first alerts', { alertOnFirst: -1 }, 'alertOnFirst'],
    ['an unknown order of dates', { settings: { dateOrder: 'usual' } }, 'settings.dateOrder'],
    ['too short a cadence', { cadenceMs: 10 }, 'cadenceMs'],
  ])('a feed with %s is refused with the reason', async (_what, changes, field) => {
    const { status, body } = await as(operator)('POST', '/v1/feeds', feed(changes));
    expect({ status, code: body.code, fields: body.errors.map((error: any) => error.field).join() }).toEqual({
      status: 400,
      code: 'REQUEST_INVALID',
      fields: expect.stringContaining(field),
    });
  });

  it('a feed needs a unique name', async () => {
    expect((await as(operator)('POST', '/v1/feeds', feed({ name: 'twice', enabled: false }))).status).toBe(201);
    expect(await as(operator)('POST', '/v1/feeds', feed({ name: 'twice' }))).toMatchObject({
      status: 409,
      body: { code: 'FEEDS_NAME_TAKEN' },
    });
  });

  it('feeds are listed by words of name and kind, and by the state of those that are enabled', async () => {
    const { body: made } = await as(operator)('POST', '/v1/feeds', feed({ name: 'Findable off', enabled: false }));
    const names = async (query: string) =>
      (await as(viewer)('GET', `/v1/feeds?${query}`)).body.items.map(({ name }: { name: string }) => name);
    expect(await names('query=RSS%20findable')).toEqual(['Findable off']);
    expect(await names('query=findable%20edgar')).toEqual([]);
    expect(await names(`query=findable&state=${made.state}`)).toEqual([]);
    expect((await as(operator)('PATCH', `/v1/feeds/${made.id}`, { enabled: true })).status).toBe(200);
    expect(await names('query=findable&state=live&state=quiet&state=stale&state=failing')).toEqual(['Findable off']);
    const csv = await as(viewer)('GET', '/v1/feeds?query=findable&format=csv');
    expect(csv.body.trimEnd().split('\r\n')).toHaveLength(2);
    expect((await as(viewer)('GET', '/v1/feeds?state=dead')).body.errors[0]).toMatchObject({
      field: 'state',
      seen: '"dead"',
      allowed: 'one of live, quiet, stale, failing',
    });
  });

  it('every user reads feeds, and only operators write them', async () => {
    expect((await as(viewer)('GET', '/v1/feeds')).status).toBe(200);
    expect((await as(viewer)('POST', '/v1/feeds', feed())).status).toBe(403);
    expect((await app.request('GET', '/v1/feeds')).status).toBe(401);
  });

  it('an item that matches a rule raises an alert in the transaction of its claim', async () => {
    const rule = await as(operator)('POST', '/v1/alert-rules', {
      name: 'Item 2',
      scope: 'desk',
      severity: 'warning',
      condition: { field: 'payload.title', op: 'contains', value: 'Item 2' },
    });
    expect(rule.status).toBeLessThan(300);
    server.on('/alerting', rss(made(3)));
    const alerting = feed({ name: 'alerting', url: `${server.origin}/alerting`, alertOnFirst: 3 });
    await as(operator)('POST', '/v1/feeds', alerting);
    await eventually(async () => {
      const { body } = await as(operator)('GET', '/v1/alerts');
      expect(
        body.items.filter((alert: any) => alert.ruleId === rule.body.id || alert.rule?.id === rule.body.id),
      ).toHaveLength(1);
    });
  });

  it('feeds appear in health and metrics', async () => {
    server.on('/down', (_request, response) => response.writeHead(500).end());
    const { body: down } = await as(operator)(
      'POST',
      '/v1/feeds',
      feed({ name: 'down', url: `${server.origin}/down` }),
    );
    for (let failure = 1; failure <= 3; failure++) {
      await eventually(async () => expect((await shown('down')).consecutiveFailures).toBeGreaterThanOrEqual(failure));
      await as(operator)('POST', `/v1/feeds/${down.id}/run`);
    }
    await eventually(async () => {
      const metrics: string = (await app.request('GET', '/metrics')).body;
      expect(metrics).toMatch(/^feeds_sources\{state="failing"\} 1$/m);
      expect(metrics).toMatch(/^feeds_consecutive_failures\{source="down"\} [3-9]$/m);
      expect(metrics).toMatch(/^feeds_cycles_total\{outcome="failed"\} [3-9]$/m);
      expect(metrics).toMatch(/^feeds_items_total\{outcome="fresh"\} \d+$/m);
      expect(metrics).toMatch(/^feeds_cycle_duration_seconds_count\{stage="record"\} \d+$/m);
    });
    // Health caches an answer for a quarter of a second.
    await eventually(async () =>
      expect((await app.request('GET', '/health')).body.checks.feeds).toMatchObject({ status: 'degraded', failing: 1 }),
    );
    const { body } = await as(operator)('GET', '/v1/events?type=FeedFailing');
    expect(body.items).toHaveLength(1);
  });
});
