import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Database } from '#database';
import { FeedsModule, FeedsService, recordedPolls } from '#feeds';
import { FeedReplay } from '../../../libs/feeds/replay/feed-replay.js';
import { tarEntries } from '../../../libs/feeds/replay/tar-entries.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { describeWithRecordings, recordedFeeds } from './recorded.fixture.js';

describeWithRecordings('feeds as they are served', () => {
  let module: TestModule;
  let replay: (name: string, pages: Buffer[]) => ReturnType<FeedReplay['replay']>;
  let events: (source: string, type?: string) => Promise<any[]>;
  const file = (name: string) => readFileSync(join(recordedFeeds!, name));

  beforeAll(async () => {
    module = await testModule([FeedsModule]);
    replay = async (name, pages) => {
      const source = await module.get(FeedsService).forReplay({ name, kind: 'rss', url: 'https://feeds.example/rss' });
      return module.get(FeedReplay).replay(source.id, { name, pages });
    };
    events = async (source, type) =>
      (
        await module
          .get(Database)
          .rows<{ payload: any }>(
            `SELECT payload FROM trading_events WHERE payload->>'source' = $1 AND ($2::text IS NULL OR type = $2) ORDER BY id`,
            [source, type ?? null],
          )
      ).map(({ payload }) => payload);
  });
  afterAll(() => module.close());

  it('each of the Nasdaq halts, which have neither guid nor link, becomes an item', async () => {
    const halts = file('nasdaq_trade_halts_2026-09-25.xml');
    expect(await replay('halts', [halts])).toMatchObject({ entries: 17, fresh: 17, unreadable: 0, warnings: [] });
    expect(await replay('halts', [halts])).toMatchObject({ outcome: 'empty', seen: 17, fresh: 0, revised: 0 });
    const told = await events('halts', 'TradingHalted');
    expect(told).toHaveLength(17);
    const kitt = told.filter(({ symbol }) => symbol.startsWith('KITT'));
    // A stock and its warrant share the minute. 19:50 in New York on that day is 23:50 UTC.
    expect(kitt.map(({ symbol, haltedAt, reasonCode }) => [symbol, haltedAt, reasonCode])).toEqual(
      expect.arrayContaining([
        ['KITT', '2026-09-24T23:50:00.000Z', 'T1'],
        ['KITTW', '2026-09-24T23:50:00.000Z', 'T1'],
      ]),
    );
  });

  it('a halt whose end becomes known is a revision linked to the first event', async () => {
    const ended = file('nasdaq_trade_halts_2026-09-25.xml')
      .toString()
      .replace('<ndaq:ResumptionDate />', '<ndaq:ResumptionDate>09/25/2026</ndaq:ResumptionDate>')
      .replace('<ndaq:ResumptionQuoteTime />', '<ndaq:ResumptionQuoteTime>08:00:00</ndaq:ResumptionQuoteTime>')
      .replace('<ndaq:ResumptionTradeTime />', '<ndaq:ResumptionTradeTime>08:05:00</ndaq:ResumptionTradeTime>');
    expect(await replay('halts', [Buffer.from(ended)])).toMatchObject({ outcome: 'fresh', fresh: 0, revised: 1 });
    const [revised] = await events('halts', 'TradingHaltRevised');
    expect(revised).toMatchObject({
      symbol: 'KITT',
      revision: 1,
      resumesTradingAt: '2026-09-25T12:05:00.000Z',
      firstEventId: expect.any(String),
    });
  });

  it('the form of GlobeNewswire is read: an undeclared prefix, tickers of several venues, a release in two languages', async () => {
    expect(await replay('globenewswire', [file('globenewswire_shape_2026-08-25.xml')])).toMatchObject({
      entries: 9,
      fresh: 9,
      unreadable: 0,
    });
    const told = await events('globenewswire');
    expect(told.map(({ tickers }) => tickers.join())).toEqual(expect.arrayContaining(['FCEL', 'DEX', 'DNG,DNGDF']));
    expect(
      told
        .filter(({ link }) => link.includes('3350337'))
        .map(({ language }) => language)
        .sort(),
    ).toEqual(['en', 'fr']);
    expect(told.every(({ publishedAt }) => /^2026-08-25T\d\d:\d\d:00.000Z$/.test(publishedAt))).toBe(true);
  });

  it('sixteen malformed feeds from the test suite of rss-parser give as many items as there', async () => {
    const archive = tarEntries(gunzipSync(file('rss-parser_feeds.tar.gz')));
    const expected = new Map(
      archive
        .filter(({ name }) => name.includes('output/'))
        .map(({ name, content }) => [
          /output\/([\w-]+)/.exec(name)![1]!.toLowerCase(),
          JSON.parse(content.toString()).feed.items.length as number,
        ]),
    );
    const inputs = archive.filter(({ name }) => name.includes('input/'));
    expect(inputs).toHaveLength(16);
    for (const { name, content } of inputs) {
      const short = /input\/([\w-]+)/.exec(name)![1]!;
      const result = await replay(`odd ${short}`, [content]);
      // One has an entry with only an empty author: nothing of it can be read, which is a failure.
      const bare = short === 'incomplete-fields';
      expect({ short, outcome: result.outcome, unreadable: result.unreadable }).toEqual({
        short,
        outcome: bare ? 'failed' : 'fresh',
        unreadable: bare ? 1 : 0,
      });
      if (bare)
        expect(result.warnings).toEqual([{ item: 'entry 1', reason: 'neither a title nor a text, a link or an id' }]);
      const wanted = expected.get(short.toLowerCase());
      if (wanted !== undefined)
        expect({ short, items: result.fresh + result.unreadable, entries: result.entries }).toEqual({
          short,
          items: wanted,
          entries: wanted,
        });
    }
    const told = await events('odd uolNoticias');
    expect(told.some(({ title }) => /[ãçéõ]/.test(title))).toBe(true);
    expect(told.every(({ title }) => !title.includes('\uFFFD'))).toBe(true);
  });

  it('recorded gzip files are unpacked, and a folder is read as polls in name order', async () => {
    const polls = await recordedPolls(recordedFeeds!);
    expect(polls.map(({ name, pages }) => [name, pages.length])).toEqual([
      ['globenewswire_shape_2026-08-25.xml', 1],
      ['nasdaq_trade_halts_2026-09-25.xml', 1],
      ['rss-parser_feeds.tar.gz', expect.any(Number)],
    ]);
  });
});
