import { readEach } from './feed-item.js';
import { parseFeed } from './parse-feed.js';

const halt = (symbol: string, time: string, more = '') =>
  `<item><title>${symbol}</title><ndaq:HaltDate>09/24/2026</ndaq:HaltDate><ndaq:HaltTime>${time}</ndaq:HaltTime><ndaq:IssueSymbol>${symbol}</ndaq:IssueSymbol>${more}</item>`;
const channel = (items: string) =>
  `<?xml version="1.0"?><rss version="2.0" xmlns:ndaq="http://www.nasdaqtrader.com/"><channel><title>T</title>${items}</channel></rss>`;

describe('an entry that cannot be read', () => {
  it('a halt at a time that does not exist costs only itself', async () => {
    const found = await parseFeed(
      'rss',
      channel(halt('A', '19:50:00').replace('09/24', '9/24') + halt('B', '25:00:00') + halt('C', '19:51:00')),
    );
    expect(found).toMatchObject({
      entries: 3,
      unreadable: 1,
      items: [{ symbol: 'A' }, { symbol: 'C' }],
      warnings: [{ item: 'B', reason: 'the time of the halt, "09/24/2026 25:00:00", does not exist' }],
    });
  });

  it('a resumption that does not exist is null with a warning, and the halt is told', async () => {
    const resumption =
      '<ndaq:ResumptionDate>02/30/2026</ndaq:ResumptionDate><ndaq:ResumptionQuoteTime>08:00:00</ndaq:ResumptionQuoteTime><ndaq:ResumptionTradeTime/>';
    expect(await parseFeed('rss', channel(halt('A', '19:50:00', resumption)))).toMatchObject({
      unreadable: 0,
      items: [{ symbol: 'A', resumesQuotingAt: null, resumesTradingAt: null }],
      warnings: [{ item: 'A', reason: 'the quote resumption, "02/30/2026 08:00:00", does not exist' }],
    });
  });

  it('an error of the program costs one entry, and is no reason that operators see', () => {
    const found = readEach(['a', 'b', 'c'], String, (entry) => {
      if (entry === 'b') (undefined as unknown as { x: number }).x += 1;
      return { entry };
    });
    expect(found).toEqual({
      read: [{ entry: 'a' }, { entry: 'c' }],
      unreadable: 1,
      warnings: [{ item: 'b', reason: 'it cannot be read because of an internal error, which is in the log' }],
      faults: [expect.any(TypeError)],
    });
  });

  it('elements on which the XML library fails cost no entry', async () => {
    // feedparser reads the name of an editor that it did not find, and fails.
    const odd =
      '<managingEditor>,</managingEditor><cloud/><cloud/><author>,</author><source/><image><url/></image><link/>';
    const found = await parseFeed(
      'rss',
      channel(`${odd}<item><title>A</title>${odd}<enclosure/><category/></item><item><title>B</title></item>`),
    );
    expect(found).toMatchObject({ entries: 2, unreadable: 0, items: [{ title: 'A' }, { title: 'B' }] });
    expect(found.faults[0]).toBeInstanceOf(TypeError);
  });

  it('odd tags, authors and dates of a JSON feed are dropped with a warning, and the items stay', async () => {
    const items = [
      { id: '1', title: 'A', tags: 'earnings,guidance', authors: 'Jane Doe' },
      { id: '2', title: 'B', tags: ['x', null, 5], author: 'Jane Doe' },
      { id: '3', title: 'C', date_published: 1_764_045_000, language: {} },
      { id: '4', title: 'D', author: { name: 'Jane Doe' }, url: 7 },
    ];
    const found = await parseFeed('json-feed', JSON.stringify({ version: 'https://jsonfeed.org/version/1', items }));
    expect(found).toMatchObject({
      unreadable: 0,
      items: [
        { title: 'A', categories: [], author: null },
        { title: 'B', categories: ['x'], author: null },
        { title: 'C', publishedAt: null, language: null },
        { title: 'D', author: 'Jane Doe', link: null },
      ],
    });
    expect(found.warnings.map(({ item, reason }) => `${item}: ${reason}`)).toEqual([
      'A: tags is not a list of texts',
      'A: authors is not a list of objects',
      'B: tags: null is not a text',
      'B: tags: a value of type number is not a text',
      'B: an author is not an object',
      'C: language: a value of type object is not a text',
      'C: date_published: a value of type number is not a text',
      'D: url: a value of type number is not a text',
    ]);
  });
});

describe('http and https in guids and links', () => {
  const keys = async (scheme: string, ignoreScheme: boolean, guid: boolean) => {
    const items = ['0', '1'].map(
      (n) =>
        `<item><title>S${n}</title><link>${scheme}://wire.example/s/${n}</link>${guid ? `<guid>${scheme}://wire.example/?p=${n}</guid>` : ''}</item>`,
    );
    return (await parseFeed('rss', channel(items.join('')), { ignoreScheme })).items.map(({ key }) =>
      key.toString('hex'),
    );
  };

  it.each([true, false])('identify the same item only where the source says so (with a guid: %s)', async (guid) => {
    expect(await keys('https', true, guid)).toEqual(await keys('http', true, guid));
    expect(await keys('https', false, guid)).not.toEqual(await keys('http', false, guid));
    // Claims of http stay valid when the setting is switched on.
    expect(await keys('http', true, guid)).toEqual(await keys('http', false, guid));
  });
});

describe('a feed of a company at EDGAR', () => {
  const entry = (title: string, inner: string) =>
    `<entry><category term="8-K"/><content type="text/xml">${inner}</content><id>urn:tag:sec.gov,2008:accession-number=0009999999-25-000012</id><summary type="html">&lt;b&gt;Filed:&lt;/b&gt; 2025-11-31</summary><title>${title}</title><updated>2025-11-24T20:31:05</updated></entry>`;
  const feed = (info: string) =>
    `<feed xmlns="http://www.w3.org/2005/Atom">${info}${entry('8-K  - Current report', '<items-desc>items 2.02 and 9.01</items-desc>')}<title>X</title></feed>`;

  it('names the filer once, and its times without a zone are of New York', async () => {
    const info = '<company-info><cik>9999999</cik><conformed-name>MADE UP HOLDINGS INC</conformed-name></company-info>';
    expect(await parseFeed('edgar', feed(info))).toMatchObject({
      unreadable: 0,
      items: [
        {
          filing: {
            form: '8-K',
            filers: [{ cik: '0009999999', name: 'MADE UP HOLDINGS INC', role: null }],
            items: ['2.02', '9.01'],
            filedAt: new Date('2025-11-25T01:31:05Z'),
            filedOn: '2025-11-24',
          },
        },
      ],
      warnings: [{ reason: 'the filing date "2025-11-31" does not exist' }],
    });
    expect(await parseFeed('edgar', feed(''))).toMatchObject({ items: [], entries: 1, unreadable: 1 });
  });
});
