import { parseFeed } from './parse-feed.js';
import { decodeText } from './text-decoding.js';

const channel = (items: string, more = '') =>
  `<?xml version="1.0"?><rss version="2.0" ${more}><channel><title>T</title>${items}</channel></rss>`;
const atom = (inner: string, more = '') =>
  `<feed xmlns="http://www.w3.org/2005/Atom" ${more}><title>T</title><entry><id>1</id>${inner}</entry></feed>`;
const only = async (text: string, options = {}) => {
  const { items, faults } = await parseFeed('rss', text, options);
  expect(faults).toEqual([]);
  expect(items).toHaveLength(1);
  return items[0]!;
};

describe('spellings of dates', () => {
  it.each([
    ['dcterms:created', 'xmlns:dcterms="http://purl.org/dc/terms/"'],
    ['dcterms:issued', 'xmlns:dcterms="http://purl.org/dc/terms/"'],
    ['a10:updated', 'xmlns:a10="http://www.w3.org/2005/Atom"'],
    ['dc:date', ''],
    ['published', ''],
  ])('the date of an entry may be written as %s', async (name, namespace) => {
    const text = channel(`<item><title>A</title><${name}>2025-11-25T18:30:15</${name}></item>`, namespace);
    expect(await only(text, { timeZone: 'Asia/Kolkata' })).toMatchObject({
      publishedAt: new Date('2025-11-25T13:00:15Z'),
    });
  });

  it('the author of a feed of .NET is read', async () => {
    const item = '<item><title>A</title><a10:author><a10:name>Ann Lee</a10:name></a10:author></item>';
    expect(await only(channel(item, 'xmlns:a10="http://www.w3.org/2005/Atom"'))).toMatchObject({ author: 'Ann Lee' });
  });

  it('the next date of an entry counts when the first cannot be read, with a warning', async () => {
    const item = '<item><title>A</title><pubDate>soon</pubDate><dc:date>2025-11-25T10:00:00Z</dc:date></item>';
    const found = await parseFeed('rss', channel(item));
    expect(found).toMatchObject({
      items: [{ publishedAt: new Date('2025-11-25T10:00:00Z') }],
      warnings: expect.arrayContaining([{ item: 'A', reason: 'the date "soon" cannot be read' }]),
    });
  });
});

describe('spellings of text', () => {
  it.each([
    [
      'inline XHTML of Atom',
      atom(
        '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A &lt;b&gt; <b>c</b></div></title><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One &amp;amp; two</p><p>3 &lt; 4</p></div></content>',
      ),
      'A <b> c',
      'One &amp; two 3 < 4',
    ],
    [
      'markup of RSS that is not escaped',
      channel(
        '<item><guid>1</guid><title>Q3 <i>results</i></title><description>Profit &amp; <b>loss</b><br/>of <a href="/x">5 &lt; 6</a></description></item>',
      ),
      'Q3 results',
      'Profit & loss of 5 < 6',
    ],
    [
      'the XHTML body of an item, under any prefix',
      channel(
        '<item><title>A</title><x:body><x:p>One</x:p> two</x:body></item>',
        'xmlns:x="http://www.w3.org/1999/xhtml"',
      ),
      'A',
      'One two',
    ],
    [
      'text of Atom that is marked as plain',
      atom('<title type="text">If a&lt;b&gt;c</title><summary type="text">&lt;p&gt; &amp;amp; is markup</summary>'),
      'If a<b>c',
      '<p> &amp; is markup',
    ],
    [
      'comparisons in an unmarked title',
      channel(
        '<item><title>If a&lt;b then c&gt;d holds (math)</title><description>&lt;p&gt;x&lt;/p&gt;</description></item>',
      ),
      'If a<b then c>d holds (math)',
      'x',
    ],
  ])('%s is read as its author meant it', async (_what, text, title, summary) => {
    expect(await only(text)).toMatchObject({ title, summary });
  });

  it('a title that is never closed does not take the rest of its entry for markup', async () => {
    const text = channel(
      '<item><title>A<link>https://x.example/1</link><description>B</description></item><item><title>C</title></item>',
    );
    const { items } = await parseFeed('rss', text);
    expect(items.map(({ title }) => title)).toEqual(['A', 'C']);
  });
});

describe('relative links', () => {
  const item = (link: string) => `<item><title>A</title><guid isPermaLink="false">1</guid><link>${link}</link></item>`;

  it.each([
    ['/a/1', 'https://wire.example/a/1'],
    ['story.html', 'https://wire.example/news/story.html'],
    ['../b?id=5', 'https://wire.example/b?id=5'],
    ['//other.example/c', 'https://other.example/c'],
    ['https://x.example/d', 'https://x.example/d'],
    ['javascript:alert(1)', null],
    ['none', null],
  ])('the link %s of a feed without a link of its own refers to the address of the feed', async (link, expected) => {
    expect(await only(channel(item(link)), { url: 'https://wire.example/news/rss.xml' })).toMatchObject({
      link: expected,
    });
  });

  it('a relative link refers to xml:base or the link of the channel before the address of the feed', async () => {
    const options = { url: 'https://feeds.example/rss.xml' };
    expect(await only(channel(`<link>https://wire.example/</link>${item('/a/1')}`), options)).toMatchObject({
      link: 'https://wire.example/a/1',
    });
    expect(await only(atom('<link href="a/1"/>', 'xml:base="https://base.example/x/"'), options)).toMatchObject({
      link: 'https://base.example/x/a/1',
    });
  });

  it('a relative link of a JSON feed refers to the feed', async () => {
    const feed = { version: 'https://jsonfeed.org/version/1.1', items: [{ id: '1', url: '/a/1' }] };
    const { items } = await parseFeed('json-feed', JSON.stringify(feed), { url: 'https://wire.example/feed.json' });
    expect(items).toMatchObject([{ link: 'https://wire.example/a/1' }]);
  });
});

describe('UTF-16 without a byte order mark', () => {
  const xml = '<?xml version="1.0" encoding="UTF-16"?><a>São €</a>';
  const little = Buffer.from(xml, 'utf16le');

  it.each([
    ['little-endian', little, undefined],
    ['big-endian', Buffer.from(little).swap16(), undefined],
    ['with a wrong header', little, 'text/xml; charset=utf-8'],
    ['that is UTF-8 in truth', Buffer.from(xml), undefined],
    ['that is UTF-8 with a wrong header', Buffer.from(xml), 'text/xml; charset=utf-16'],
  ])('a document of UTF-16 %s is decoded', (_what, bytes, contentType) => {
    expect(decodeText(bytes, contentType)).toMatchObject({ text: xml, warning: null });
  });
});
