import { gzipSync } from 'node:zlib';
import { Database } from '#database';
import { Egress } from '#egress';
import { FeedsModule, FeedsService } from '#feeds';
import { FeedPoller } from '../../../libs/feeds/cycles/feed-poller.js';
import type { NewFeedSource } from '../../../libs/feeds/sources/feed-source.js';
import { feedsConfig } from '#feeds/config';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { type FeedServer, startFeedServer } from './feed-server.fixture.js';
import { made, rss } from './rss.fixture.js';

/** A web process does not poll, so each poll here is the test's own. */
const QUIET = {
  DESKWIRE_ROLE: 'web',
  FEEDS_SECRETS: 'acme=s3cret-token',
  EGRESS_CONTACT: 'desk@desk.example',
};
const SHORT = [feedsConfig.with({ timeoutMs: 1_500, maxBytes: 20_000 })];

describe('a cycle', () => {
  let server: FeedServer;
  let module: TestModule;
  let rows: <T = any>(sql: string, params?: unknown[]) => Promise<T[]>;

  beforeAll(async () => {
    server = await startFeedServer();
    module = await testModule([FeedsModule], { env: QUIET, internals: SHORT });
    module.get(Egress).allow(server.host);
    rows = (sql, params) => module.get(Database).rows(sql, params) as never;
  });
  beforeEach(async () => {
    await rows('DELETE FROM feed_sources');
    server.requests.length = 0;
  });
  afterAll(async () => {
    await module.close();
    await server.close();
  });

  const add = (wanted: Partial<NewFeedSource> & { path?: string }) => {
    const { path = '/rss', ...rest } = wanted;
    return module
      .get(FeedsService)
      .create({ name: 'wire', kind: 'rss', url: `${server.origin}${path}`, requestsPerSecond: 1_000, ...rest });
  };
  /** Polls all sources now. */
  const visit = async (poller = module.get(FeedPoller)) => {
    await rows('UPDATE feed_sources SET next_run_at = now()');
    const done = await poller.runDue();
    return Object.fromEntries(done.map(({ source, result }) => [source.name, result]));
  };

  it('a cycle sends conditional requests and treats 304 as unchanged', async () => {
    server.on('/rss', (request, response) => {
      if (request.headers['if-none-match'] === '"v1"') return void response.writeHead(304).end();
      response.writeHead(200, { etag: '"v1"', 'last-modified': 'Mon, 02 Nov 2026 15:00:00 GMT' }).end(rss(made(2)));
    });
    await add({});
    expect((await visit())['wire']).toMatchObject({ outcome: 'fresh', fresh: 2 });
    expect((await visit())['wire']).toMatchObject({ outcome: 'unchanged', entries: 0 });
    expect(server.requests[1]!.headers).toMatchObject({
      'if-none-match': '"v1"',
      'if-modified-since': 'Mon, 02 Nov 2026 15:00:00 GMT',
      'user-agent': expect.stringContaining('desk@desk.example'),
    });
  });

  it('a cycle does not parse the same bytes twice, also if the server sends no ETag', async () => {
    server.on('/rss', rss(made(2)));
    await add({});
    await visit();
    expect((await visit())['wire']).toMatchObject({ outcome: 'unchanged' });
    server.on('/rss', rss(made(3)));
    expect((await visit())['wire']).toMatchObject({ outcome: 'fresh', fresh: 1, seen: 2 });
  });

  it('unpacks gzip, follows a redirect, and sends the configured headers with their secrets', async () => {
    server.on('/old', (_request, response) => response.writeHead(301, { location: '/new' }).end());
    server.on('/new', (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(rss(made(2)))),
    );
    const feed = await add({ path: '/old', headers: { 'X-Desk': 'one', 'X-Api-Key': 'secret:acme' } });
    expect((await visit())['wire']).toMatchObject({ outcome: 'fresh', fresh: 2 });
    expect(server.requests[0]!.headers).toMatchObject({
      'x-desk': 'one',
      'x-api-key': 's3cret-token',
      'accept-encoding': expect.stringContaining('gzip'),
    });
    expect(JSON.stringify([feed, await rows('SELECT * FROM feed_sources')])).not.toContain('s3cret-token');
  });

  it('a cycle does not follow a redirect into the private network', async () => {
    server.on('/rss', (_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    );
    await add({});
    expect((await visit())['wire']).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/169\.254\.169\.254|address/i),
    });
  });

  it('a cycle cuts a feed off at the size limit and keeps the items before it, also for a compression bomb', async () => {
    const bomb = gzipSync(rss(made(20_000)));
    server.on('/rss', (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    await add({});
    const { wire } = await visit();
    expect(wire).toMatchObject({
      outcome: 'fresh',
      warnings: expect.arrayContaining([{ item: 'document', reason: 'cut off at 20000 bytes, the maximum' }]),
    });
    expect(wire!.fresh).toBeGreaterThan(50);
  });

  it('polls sources concurrently: a hanging one fails and delays no other', async () => {
    server.on('/hangs', () => undefined);
    server.on('/rss', rss(made(2)));
    server.on('/broken', 'this is no feed at all');
    server.on('/gone', (_request, response) => response.writeHead(500).end());
    await Promise.all(['/rss', '/hangs', '/broken', '/gone'].map((path) => add({ name: path.slice(1), path })));
    const results = await visit();
    expect(Object.fromEntries(Object.entries(results).map(([name, { outcome }]) => [name, outcome]))).toEqual({
      rss: 'fresh',
      hangs: 'failed',
      broken: 'failed',
      gone: 'failed',
    });
    expect(results['hangs']!.error).toMatch(/1500 ms/);
    expect(results['broken']!.error).toMatch(/not a feed: Not a feed \(it starts with "this is no feed/);
  });

  it('pauses longer after each failure, and at least for the Retry-After of the server', async () => {
    server.on('/rss', (_request, response) => response.writeHead(503, { 'retry-after': '3600' }).end());
    server.on('/down', (_request, response) => response.writeHead(500).end());
    await add({ cadenceMs: 10_000 });
    await add({ name: 'down', path: '/down', cadenceMs: 10_000 });
    const pauses: number[] = [];
    for (let failures = 1; failures <= 4; failures++) {
      await visit();
      const found = await rows(
        `SELECT name, extract(epoch FROM next_run_at - last_cycle_at)::float AS pause FROM feed_sources`,
      );
      expect(found.find(({ name }) => name === 'wire').pause).toBeGreaterThanOrEqual(3_600);
      pauses.push(found.find(({ name }) => name === 'down').pause);
    }
    // 10 s doubled each time, within 20 %.
    pauses.forEach((pause, index) => expect(Math.abs(pause / (20 * 2 ** index) - 1)).toBeLessThanOrEqual(0.21));
  });

  it('polls each source once, and several at a time, when two processes share the sources', async () => {
    const patient = { env: QUIET, internals: [feedsConfig.with({ timeoutMs: 60_000 })], database: module.database };
    const nodes = [await testModule([FeedsModule], patient), await testModule([FeedsModule], patient)];
    const held: (() => void)[] = [];
    let together = false;
    for (let index = 0; index < 12; index++) {
      // Nothing is answered before five requests are open at once.
      server.on(`/s${index}`, (_request, response) => {
        held.push(() => response.end(rss(made(1))));
        together ||= held.length > 4;
        if (together) for (const answer of held.splice(0)) answer();
      });
      await add({ name: `s${index}`, path: `/s${index}` });
    }
    await rows('UPDATE feed_sources SET next_run_at = now()');
    for (const node of nodes) node.get(Egress).allow(server.host);
    const done = await Promise.all([...nodes, ...nodes].map((node) => node.get(FeedPoller).runDue()));
    const visited = done.flat().map(({ source, result }) => `${source.name} ${result.outcome}`);
    expect(visited.sort()).toEqual(Array.from({ length: 12 }, (_, index) => `s${index} fresh`).sort());
    expect(server.requests).toHaveLength(12);
    expect(together).toBe(true);
    for (const node of nodes) await node.close();
  });

  it('a cycle records nothing if another process has taken its ended lease', async () => {
    await add({});
    server.on('/rss', (_request, response) => {
      void rows(`UPDATE feed_sources SET lease_owner = uuidv7()`).then(() => response.end(rss(made(2))));
    });
    expect((await visit())['wire']).toMatchObject({ outcome: 'lost' });
    expect(await rows('SELECT FROM feed_seen_items')).toHaveLength(0);
  });

  it('a cycle keeps the request rate of a host over all its sources', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      server.on(`/${name}`, rss(made(1)));
      await add({ name, path: `/${name}`, requestsPerSecond: 8 });
    }
    const [{ now }] = await rows(`SELECT extract(epoch FROM clock_timestamp())::float * 1000 AS now`);
    await visit();
    const turns = await rows(
      `SELECT host, extract(epoch FROM next_at)::float * 1000 - $1 AS after FROM egress_host_turns`,
      [now],
    );
    expect(turns).toEqual([{ host: expect.any(String), after: expect.any(Number) }]);
    expect(turns[0].after).toBeGreaterThanOrEqual(4 * 125);
  });

  it('a cycle reads EDGAR page by page until a page has only known filings or the paging ends', async () => {
    const entry = (n: number) =>
      `<entry><title>8-K - ACME ${n} (000000${1_000 + n}) (Filer)</title><link href="https://www.sec.gov/x-index.htm"/><summary type="html"> &lt;b&gt;Filed:&lt;/b&gt; 2025-12-12 &lt;br&gt;Item 2.02: Results</summary><updated>2025-12-12T18:00:00-05:00</updated><category term="8-K"/><id>urn:tag:sec.gov,2008:accession-number=0000000001-25-${String(n).padStart(6, '0')}</id></entry>`;
    const page = (from: number) =>
      `<?xml version="1.0" encoding="ISO-8859-1" ?><feed xmlns="http://www.w3.org/2005/Atom"><title>Latest</title>${Array.from({ length: 100 }, (_, index) => entry(from + index)).join('')}</feed>`;
    let shift = 0;
    server.on('/edgar', (request, response) => {
      const start = Number(new URL(request.url!, server.origin).searchParams.get('start'));
      if (start >= 300)
        response.end('<!DOCTYPE html><html><head><title>SEC.gov | File Unavailable</title></head></html>');
      else response.end(page(1_000 - shift + start));
    });
    // A page is larger than the limit of this suite.
    const wide = await testModule([FeedsModule], {
      env: QUIET,
      internals: [feedsConfig.with({ timeoutMs: 1_500, maxBytes: 2_000_000 })],
      database: module.database,
    });
    wide.get(Egress).allow(server.host);
    await add({ name: 'edgar', kind: 'edgar', path: '/edgar', requestsPerSecond: 8 });
    expect((await visit(wide.get(FeedPoller)))['edgar']).toMatchObject({ outcome: 'fresh', fresh: 300, error: null });
    expect(server.requests.map(({ path }) => path)).toEqual(
      [0, 100, 200, 300].map((start) => `/edgar?count=100&start=${start}`),
    );
    shift = 5;
    server.requests.length = 0;
    expect((await visit(wide.get(FeedPoller)))['edgar']).toMatchObject({ outcome: 'fresh', fresh: 5 });
    expect(server.requests).toHaveLength(2);
    await wide.close();
  });

  it('requests quotes in chunks, marks portfolios with them, and keeps none in memory', async () => {
    const asked: string[][] = [];
    server.on('/quotes', (request, response) => {
      const keys = new URL(request.url!, server.origin).searchParams.get('i')!.split(',');
      asked.push(keys);
      response.end(
        `{"data":{${keys.map((key) => `"${key}":{"last_price":1412.9500,"timestamp":"2026-06-08 15:45:56","ohlc":{"close":1389.65}}`).join(',')}}}`,
      );
    });
    const keys = Array.from({ length: 25 }, (_, index) => `NSE:S${index}`);
    await add({
      name: 'prices',
      kind: 'quotes-json',
      path: '/quotes?i={keys}',
      settings: { quotes: { broker: 'zerodha', keys, chunk: 10, items: 'data', timeZone: 'Asia/Kolkata' } },
    });
    expect((await visit())['prices']).toMatchObject({ outcome: 'fresh', fresh: 25 });
    expect(asked.map(({ length }) => length)).toEqual([10, 10, 5]);
    const [quote] = await rows(
      `SELECT price::text, previous_close::text, as_of FROM quotes WHERE instrument_key = 'NSE:S7'`,
    );
    expect(quote).toEqual({ price: '1412.9500', previous_close: '1389.65', as_of: new Date('2026-06-08T10:15:56Z') });
    expect((await visit())['prices']).toMatchObject({ outcome: 'empty', seen: 25 });
    const { register } = await import('prom-client');
    expect((await (register.getSingleMetric('feeds_cycle_prices') as any).get()).values[0].value).toBe(0);
  });

  it('requests the keys of a refused chunk one by one, and reads times and days as the venue of the feed keeps them', async () => {
    const asked: string[] = [];
    server.on('/lists', (request, response) => {
      const wanted = new URL(request.url!, server.origin).searchParams.get('i')!;
      asked.push(wanted);
      if (wanted.split(',').includes('GONE')) return void response.writeHead(404).end();
      const rows = wanted.split(',').map((key) => `${key},5,${key === 'DAY' ? '2026-06-08' : '2026-06-08 15:29:58'}`);
      response.end(`key,price,time\n${rows.join('\n')}\n`);
    });
    await add({
      name: 'lists',
      kind: 'quotes-csv',
      venue: 'NSE',
      path: '/lists?i={keys}',
      settings: { quotes: { broker: 'lists', keys: ['A', 'GONE', 'DAY', 'B'], chunk: 3 } },
    });
    expect((await visit())['lists']).toMatchObject({
      outcome: 'fresh',
      fresh: 3,
      unreadable: 1,
      warnings: [{ item: 'GONE', reason: 'The server answered 404.' }],
    });
    expect(asked).toEqual(['A,GONE,DAY', 'A', 'GONE', 'DAY', 'B']);
    expect(await rows(`SELECT instrument_key AS key, as_of FROM quotes WHERE broker = 'lists' ORDER BY 1`)).toEqual([
      { key: 'A', as_of: new Date('2026-06-08T09:59:58Z') },
      { key: 'B', as_of: new Date('2026-06-08T09:59:58Z') },
      { key: 'DAY', as_of: new Date('2026-06-08T10:00:00Z') },
    ]);
  });
});
