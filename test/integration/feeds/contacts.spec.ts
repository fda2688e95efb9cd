import fc from 'fast-check';
import { Database } from '#database';
import { Egress } from '#egress';
import { EventListeners } from '#events';
import { FeedPoller, FeedReplay, FeedsModule, FeedsService } from '#feeds';
import { oddFeed } from '../../../libs/feeds/formats/odd-feeds.fixture.js';
import type { NewFeedSource } from '../../../libs/feeds/sources/feed-source.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { type Answer, type FeedServer, startFeedServer } from './feed-server.fixture.js';
import { made, rss } from './rss.fixture.js';

const UNDECLARED =
  '<!DOCTYPE html><html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head><body><h1>Your Request Originates from an Undeclared Automated Tool</h1></body></html>';

describe('the contact with a feed', () => {
  let server: FeedServer;
  let module: TestModule;
  let rows: <T = any>(sql: string, params?: unknown[]) => Promise<T[]>;
  /** What the rules of alerts learn of, oldest first. */
  const heard: string[] = [];

  beforeAll(async () => {
    server = await startFeedServer();
    module = await testModule([FeedsModule], {
      env: {
        ...{ DESKWIRE_ROLE: 'web', EGRESS_CONTACT: 'desk@desk.example' },
        ...{ FILINGS_SUMMARY_PROVIDER: 'gemini', FILINGS_SUMMARY_API_KEY: 'k-123' },
      },
    });
    module.get(Egress).allow(server.host);
    rows = (sql, params) => module.get(Database).rows(sql, params) as never;
    module.get(EventListeners).add({
      name: 'heard',
      recorded: async (events) =>
        void heard.push(...events.map(({ type, payload }) => (payload as { title?: string }).title ?? type)),
    });
  });
  beforeEach(async () => {
    await rows('DELETE FROM feed_sources');
    server.requests.length = 0;
    heard.length = 0;
  });
  afterAll(async () => {
    await module.close();
    await server.close();
  });

  const add = (path: string, wanted: Partial<NewFeedSource> = {}) =>
    module
      .get(FeedsService)
      .create({ name: 'wire', kind: 'rss', url: `${server.origin}${path}`, requestsPerSecond: 1_000, ...wanted });
  const visit = async () => {
    await rows('UPDATE feed_sources SET next_run_at = now()');
    return (await module.get(FeedPoller).runDue())[0]?.result;
  };
  const shown = async () => (await module.get(FeedsService).list()).items[0]!;
  const status =
    (code: number, headers = {}, body = ''): Answer =>
    (_request, response) =>
      void response.writeHead(code, headers).end(body);
  const dated = (...items: [title: string, at: Date | null][]) =>
    `<rss version="2.0"><channel>${items.map(([title, at]) => `<item><guid>${title}</guid><title>${title}</title>${at === null ? '' : `<pubDate>${at.toUTCString()}</pubDate>`}</item>`).join('')}</channel></rss>`;

  it('what a feed held before it was added is recorded without an alert, and what comes later alerts', async () => {
    server.on('/rss', rss(made(3)));
    await add('/rss');
    expect(await visit()).toMatchObject({ outcome: 'fresh', fresh: 3, unalerted: 3 });
    expect(heard).toEqual([]);
    expect(await rows(`SELECT FROM trading_events WHERE type = 'NewsPublished'`)).toHaveLength(3);
    // Nor does the inbox give them to another process.
    expect(
      await rows(`SELECT FROM event_inbox JOIN trading_events e ON e.id = event_id WHERE e.type LIKE 'News%'`),
    ).toHaveLength(0);
    expect((await shown()).cycles[0]).toMatchObject({ fresh: 3, unalerted: 3 });
    server.on('/rss', rss(made(5)));
    expect(await visit()).toMatchObject({ fresh: 2, unalerted: 0 });
    expect(heard.sort()).toEqual(['Item 4', 'Item 5']);
  });

  it('filings that EDGAR held before the source was added get no summaries, except the newest ones that alert', async () => {
    const filing = (number: number, day: string) =>
      `<entry><title>8-K - ACME INC (0000868278) (Filer)</title><summary type="html">&lt;b&gt;Filed:&lt;/b&gt; ${day}</summary><updated>${day}T18:02:10-05:00</updated><category term="8-K"/><id>urn:tag:sec.gov,2008:accession-number=0001493152-25-00000${number}</id></entry>`;
    const atom = (...entries: string[]) =>
      `<feed xmlns="http://www.w3.org/2005/Atom"><title>Latest</title>${entries.join('')}</feed>`;
    const held = [filing(3, '2025-12-12'), filing(2, '2025-12-11'), filing(1, '2025-12-10')];
    server.on('/edgar', atom(...held));
    await add('/edgar', { kind: 'edgar', requestsPerSecond: 8, alertOnFirst: 1 });
    expect(await visit()).toMatchObject({ fresh: 3, unalerted: 2 });
    const queued = async () =>
      (await rows(`SELECT right(accession, 1) AS number FROM filing_summaries ORDER BY 1`)).map(({ number }) => number);
    expect(await queued()).toEqual(['3']);
    server.on('/edgar', atom(filing(4, '2025-12-13'), ...held));
    await visit();
    expect(await queued()).toEqual(['3', '4']);
  });

  it('the newest items of the first contact alert as far as the source wants it, and those dated after it was added', async () => {
    const later = new Date(Date.now() + 60_000);
    server.on(
      '/rss',
      dated(
        ['undated', null],
        ['old', new Date('2025-01-01')],
        ['newer', new Date('2025-01-03')],
        ['new', later],
        ['newest', new Date('2025-01-05')],
      ),
    );
    await add('/rss', { alertOnFirst: 2 });
    expect(await visit()).toMatchObject({ fresh: 5, unalerted: 2 });
    expect(heard.sort()).toEqual(['new', 'newer', 'newest']);
  });

  it('a feed that cannot be read at first has its first contact later, and another URL is another contact', async () => {
    server.on('/rss', status(500));
    const { id } = await add('/rss');
    await visit();
    expect(await shown()).toMatchObject({ state: 'failing', consecutiveFailures: 1 });
    server.on('/rss', rss(made(2)));
    server.on('/other', rss(made(4)));
    expect(await visit()).toMatchObject({ fresh: 2, unalerted: 2 });
    await module.get(FeedsService).change(id, { cadenceMs: 5_000 });
    server.on('/rss', rss(made(3)));
    expect(await visit()).toMatchObject({ fresh: 1, unalerted: 0 });
    await module.get(FeedsService).change(id, { url: `${server.origin}/other` });
    expect(await visit()).toMatchObject({ fresh: 1, unalerted: 1 });
  });

  it('a URL that is changed during a poll has its own first contact, without the validators of the old one', async () => {
    const { id } = await add('/rss');
    server.on('/other', rss(made(4)));
    server.on('/rss', (_request, response) => {
      const changed = module.get(FeedsService).change(id, { url: `${server.origin}/other` });
      void changed.then(() => response.writeHead(200, { etag: '"v1"' }).end(rss(made(2))));
    });
    await visit();
    expect(await visit()).toMatchObject({ fresh: 2, unalerted: 2 });
    expect(server.requests[1]!.headers).not.toHaveProperty('if-none-match');
  });

  it('a title with characters that PostgreSQL refuses costs no cycle, also where a part of its entry is dropped', async () => {
    const item = { id: '1', title: 'a\u0000\ud800b', tags: 5 };
    server.on('/rss', JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', items: [item] }));
    await add('/rss', { kind: 'json-feed' });
    expect(await visit()).toMatchObject({
      ...{ outcome: 'fresh', fresh: 1 },
      warnings: [{ item: 'a\ufffdb', reason: 'tags is not a list of texts' }],
    });
  });

  it('a permanent redirect is remembered until its target fails, and a temporary one is not', async () => {
    server.on('/old', status(301, { location: '/new' }));
    server.on('/new', rss(made(1)));
    await add('/old');
    await visit();
    expect((await shown()).movedTo).toBe(`${server.origin}/new`);
    server.on('/new', status(302, { location: '/elsewhere' }));
    server.on('/elsewhere', rss(made(2)));
    expect(await visit()).toMatchObject({ fresh: 1 });
    expect(server.requests.map(({ path }) => path)).toEqual(['/old', '/new', '/new', '/elsewhere']);
    server.on('/new', status(410));
    expect(await visit()).toMatchObject({ outcome: 'failed' });
    expect(await shown()).toMatchObject({ movedTo: null, goneAt: null });
  });

  it('credentials do not follow a permanent redirect to another host at later polls', async () => {
    const other = server.origin.replace('127.0.0.1', 'localhost');
    module.get(Egress).allow(other.slice('http://'.length));
    server.on('/old', status(301, { location: `${other}/new` }));
    server.on('/new', rss(made(1)));
    await add('/old', { headers: { Authorization: 'secret:acme' } });
    await rows(`UPDATE feed_sources SET headers = '{"Authorization": "Bearer made"}'`);
    await visit();
    expect((await shown()).movedTo).toBeNull();
    await rows(`UPDATE feed_sources SET headers = '{}'`);
    await visit();
    expect((await shown()).movedTo).toBe(`${other}/new`);
  });

  it('a feed that is gone is not polled any more and reported once, until an operator runs it', async () => {
    server.on('/rss', status(410));
    const { id } = await add('/rss');
    expect(await visit()).toMatchObject({ outcome: 'failed', error: expect.stringContaining('410') });
    expect(await visit()).toBeUndefined();
    expect(await shown()).toMatchObject({ state: 'failing', raised: ['failing'], goneAt: expect.any(String) });
    expect(heard).toEqual(['FeedFailing']);
    const [{ reason }] = await rows(
      `SELECT payload ->> 'reason' AS reason FROM trading_events WHERE type = 'FeedFailing'`,
    );
    expect(reason).toContain('no longer exists');
    server.on('/rss', rss(made(1)));
    await module.get(FeedsService).runNow(id);
    expect((await module.get(FeedPoller).runDue())[0]!.result).toMatchObject({ outcome: 'fresh' });
    expect(await shown()).toMatchObject({ goneAt: null, raised: [] });
  });

  it('the page of the SEC about an undeclared tool names the setting of the contact, and causes a pause', async () => {
    server.on('/rss', status(403, {}, UNDECLARED));
    await add('/rss');
    expect(await visit()).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/EGRESS_CONTACT.*FEEDS_CONTACT/),
    });
    const [{ pause }] = await rows(
      `SELECT extract(epoch FROM next_run_at - last_cycle_at)::int AS pause FROM feed_sources`,
    );
    expect(pause).toBeGreaterThanOrEqual(600);
  });

  it('a feed of which nothing can be read is failing and not quiet, at each poll of the same bytes', async () => {
    const unreadable = '<rss version="2.0"><channel><item><author/></item><item><author/></item></channel></rss>';
    server.on('/rss', (_request, response) => void response.writeHead(200, { etag: '"v1"' }).end(unreadable));
    await add('/rss');
    for (let failures = 1; failures <= 3; failures++) {
      expect(await visit()).toMatchObject({ outcome: 'failed', entries: 2, unreadable: 2 });
      expect(await shown()).toMatchObject({ state: 'failing', consecutiveFailures: failures, consecutiveEmpty: 0 });
    }
    expect((await shown()).lastError).toBe(
      'None of the 2 entries can be read (entry 2: neither a title nor a text, a link or an id).',
    );
    expect(heard).toEqual(['FeedFailing']);
  });

  it('feeds with odd fields are recorded whole: each entry is stored, unreadable or repeated', async () => {
    const feeds = fc.sample(oddFeed, { numRuns: 40, seed: 11 });
    for (const [index, { kind, text, entries }] of feeds.entries()) {
      const wanted = { name: `odd ${index}`, kind, url: 'https://wire.example/odd' };
      const { id } = await module.get(FeedsService).forReplay(wanted);
      const result = await module.get(FeedReplay).replay(id, { name: 'odd', pages: [Buffer.from(text)] });
      const { outcome, fresh, unreadable } = result;
      expect({ index, outcome, entries: result.entries }).toEqual({ index, outcome: 'fresh', entries });
      const [{ events }] = await rows(
        `SELECT count(*)::int AS events FROM trading_events WHERE payload ->> 'sourceId' = $1`,
        [id],
      );
      expect(fresh + unreadable).toBeLessThanOrEqual(entries);
      // A filing of another source of this test makes no second event.
      if (kind !== 'edgar') expect(events).toBe(fresh);
    }
  });
});
