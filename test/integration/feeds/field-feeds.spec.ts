import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '#database';
import { Egress } from '#egress';
import { EventListeners } from '#events';
import { FeedPoller, FeedsModule, FeedsService } from '#feeds';
import type { NewFeedSource } from '../../../libs/feeds/sources/feed-source.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { type FeedServer, startFeedServer } from './feed-server.fixture.js';
import { describeWithRecordings, recordedFeeds, recordedField } from './recorded.fixture.js';

describeWithRecordings('feeds as they come', () => {
  let server: FeedServer;
  let module: TestModule;
  let rows: <T = any>(sql: string, params?: unknown[]) => Promise<T[]>;
  let heard = 0;

  beforeAll(async () => {
    server = await startFeedServer();
    module = await testModule([FeedsModule], { env: { DESKWIRE_ROLE: 'web', EGRESS_CONTACT: 'desk@desk.example' } });
    module.get(Egress).allow(server.host);
    rows = (sql, params) => module.get(Database).rows(sql, params) as never;
    module.get(EventListeners).add({ name: 'heard', recorded: async (events) => void (heard += events.length) });
  });
  beforeEach(async () => {
    await rows('DELETE FROM feed_sources');
    await rows('TRUNCATE trading_events, filings CASCADE');
    heard = 0;
  });
  afterAll(async () => {
    await module?.close();
    await server?.close();
  });

  const field = (name: string) => readFileSync(join(recordedField!, name));
  const poll = async (document: Buffer | string, wanted: Partial<NewFeedSource>) => {
    server.on('/feed', document);
    const { items } = await module.get(FeedsService).list();
    if (items.length === 0)
      await module
        .get(FeedsService)
        .create({ name: 'wire', kind: 'rss', url: `${server.origin}/feed`, requestsPerSecond: 1_000, ...wanted });
    await rows('UPDATE feed_sources SET next_run_at = now()');
    return (await module.get(FeedPoller).runDue())[0]!.result;
  };
  const payloads = () =>
    rows(`SELECT payload FROM trading_events WHERE type LIKE 'News%' OR type LIKE 'Filing%' ORDER BY id`).then((all) =>
      all.map(({ payload }) => payload),
    );

  it('announcements of an Indian exchange have the times of India, and null for a placeholder', async () => {
    const result = await poll(field('nse_announcements_rss.xml'), { venue: 'NSE' });
    expect(result).toMatchObject({ entries: 9, fresh: 9, unreadable: 0 });
    const times = Object.fromEntries((await payloads()).map(({ title, publishedAt }) => [title, publishedAt]));
    const evening = '2025-11-25T13:00:15.000Z';
    expect(times).toEqual({
      'MADEUP LIMITED': evening,
      'IST ZONE LIMITED': evening,
      'COLONLESS LIMITED': evening,
      'NO ZONE RFC822': evening,
      'ISO NO ZONE': evening,
      'DAY FIRST': '2025-11-05T13:00:00.000Z',
      FUTURE: null,
      'EPOCH ZERO': null,
      'YEAR ONE': null,
    });
    expect(result.warnings.map(({ item }) => item)).toEqual(['FUTURE', 'EPOCH ZERO', 'YEAR ONE']);
  });

  it('the feed of a company at EDGAR gives its filings, and one without anything readable fails', async () => {
    const document = field('edgar_company.atom').toString('latin1');
    expect(await poll(document, { kind: 'edgar', requestsPerSecond: 8 })).toMatchObject({
      outcome: 'fresh',
      entries: 2,
      fresh: 2,
      warnings: [],
    });
    const found = (await payloads()).map(({ form, ciks, filedAt, items }) => ({ form, ciks, filedAt, items }));
    expect(found).toEqual(
      expect.arrayContaining([
        { form: '8-K', ciks: ['0009999999'], filedAt: '2025-11-24T21:31:05.000Z', items: ['2.02', '9.01'] },
        { form: 'SCHEDULE 13D/A', ciks: ['0009999999'], filedAt: '2025-11-20T22:02:11.000Z', items: [] },
      ]),
    );
    await rows('DELETE FROM feed_sources');
    const nameless = document.replace(/<company-info>.*<\/company-info>/, '');
    expect(await poll(nameless, { kind: 'edgar', requestsPerSecond: 8 })).toMatchObject({
      outcome: 'failed',
      entries: 2,
      unreadable: 2,
    });
    expect((await module.get(FeedsService).list()).items[0]).toMatchObject({ state: 'failing', consecutiveEmpty: 0 });
  });

  it.each([
    [undefined, 0],
    [3, 3],
  ])('forty old items of a new feed with alertOnFirst %s raise %s alerts', async (alertOnFirst, alerts) => {
    const result = await poll(field('old_items_first_poll.xml'), { alertOnFirst });
    expect(result).toMatchObject({ fresh: 40, unalerted: 40 - alerts });
    expect(heard).toBe(alerts);
    expect(await payloads()).toHaveLength(40);
  });

  it('a JSON feed with odd tags, author and date gives all of its items, with warnings', async () => {
    const result = await poll(field('jsonfeed_oddities.json'), { kind: 'json-feed', timeZone: 'Asia/Kolkata' });
    expect(result).toMatchObject({ entries: 7, fresh: 7, unreadable: 0 });
    const found = Object.fromEntries((await payloads()).map(({ title, ...item }) => [title, item]));
    expect(found['Number id, no zone']).toMatchObject({ publishedAt: '2025-11-25T04:30:00.000Z', summary: 'b & c' });
    expect(found['Tags as one text']).toMatchObject({ categories: [] });
    expect(found['Author as text']).toMatchObject({ author: null });
    expect(found['A null among the tags']).toMatchObject({ categories: ['x'] });
    expect(found['Date as a number']).toMatchObject({ publishedAt: null });
    expect(found['Only external']).toMatchObject({ link: 'https://wire.example/7' });
    expect(result.warnings.map(({ item }) => item)).toEqual([
      ...['Tags as one text', 'Author as text', 'A null among the tags', 'Date as a number'],
    ]);
  });

  it.each([
    [true, 0],
    [false, 5],
  ])('a feed that moves to https with ignoreScheme %s has %s new items', async (ignoreScheme, fresh) => {
    expect(await poll(field('guid_http.xml'), { settings: { ignoreScheme } })).toMatchObject({ fresh: 5 });
    expect(await poll(field('guid_https.xml'), {})).toMatchObject({ fresh, seen: 5 - fresh });
  });

  it('CDATA and entities are read once, and a comparison is no markup', async () => {
    await poll(field('cdata_entities.xml'), {});
    expect((await payloads()).map(({ title, summary }) => [title, summary])).toEqual(
      expect.arrayContaining([
        ['AT&T & Co rise 5% <3', 'Profit > loss Q1 5'],
        ['S&P 500 — up', 'x'],
        ['If a<b then c>d holds (math)', 'x'],
      ]),
    );
  });

  it('a halt of Nasdaq at 25:00:00 costs one of seventeen', async () => {
    const halts = readFileSync(join(recordedFeeds!, 'nasdaq_trade_halts_2026-09-25.xml'), 'utf8');
    const result = await poll(halts.replace('19:50:00.000', '25:00:00.000'), { venue: 'NASDAQ' });
    expect(result).toMatchObject({ entries: 17, fresh: 16, unreadable: 1 });
    expect(result.warnings).toMatchObject([{ item: 'KITT', reason: expect.stringContaining('25:00:00') }]);
  });
});
