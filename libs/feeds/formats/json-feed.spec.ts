import { parseFeed } from './parse-feed.js';

describe('JSON Feed', () => {
  const feed = (items: unknown[]) => JSON.stringify({ version: 'https://jsonfeed.org/version/1.1', title: 'T', items });

  it('a JSON feed is read entry by entry, and a broken entry is a warning', async () => {
    const found = await parseFeed(
      'json-feed',
      feed([
        {
          id: 1,
          title: 'A',
          content_html: '<p>x</p>',
          url: 'https://x.example/1',
          tags: ['Nasdaq:FCEL'],
          date_published: '2026-11-02T10:00:00Z',
        },
        { id: 'b', title: 7 },
        {},
        null,
      ]),
    );
    expect(found.items).toMatchObject([
      {
        kind: 'news',
        title: 'A',
        summary: 'x',
        link: 'https://x.example/1',
        tickers: ['FCEL'],
        publishedAt: new Date('2026-11-02T10:00:00Z'),
      },
      { title: 'b' },
    ]);
    expect(found).toMatchObject({
      entries: 4,
      unreadable: 2,
      warnings: [
        { item: 'entry 2', reason: 'title: a value of type number is not a text' },
        { item: 'entry 3', reason: 'neither a title nor a text, a link or an id' },
        { item: 'entry 4' },
      ],
    });
  });

  it.each(['{"items":[]}', '[1]', '{"version":"https://jsonfeed.org/version/1.1","items":'])(
    'a document that is not a JSON feed is refused: %s',
    async (text) => {
      await expect(parseFeed('json-feed', text)).rejects.toMatchObject({ code: 'FEEDS_NOT_A_FEED' });
    },
  );
});
