import { parseFeed } from './parse-feed.js';

const channel = (items: string) =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>${items}</channel></rss>`;
const item = (inner: string) => `<item>${inner}</item>`;
const keys = async (text: string) => (await parseFeed('rss', text)).items.map(({ key }) => key.toString('hex'));

describe('a feed that is not well-formed', () => {
  it.each([
    [
      'is cut off',
      channel(
        item('<guid>1</guid><title>A</title>') +
          item('<guid>2</guid><title>B</title>') +
          '<item><guid>3</guid><title>C',
      ).slice(0, -20),
      2,
    ],
    [
      'has bare ampersands',
      channel(item('<guid>1</guid><title>A & B</title><link>https://x.example/?a=1&b=2</link>')),
      1,
    ],
    [
      'closes other tags than it opened',
      channel(item('<guid>1</guid><title>A</b></title>') + item('<guid>2</guid><title>B</title>')),
      2,
    ],
    [
      'uses a prefix that nobody declared',
      channel(item('<guid>1</guid><title>A</title><dc:creator>Ann</dc:creator>')),
      1,
    ],
    ['begins with blank lines and a mark', `\uFEFF\n\n ${channel(item('<guid>1</guid><title>A</title>'))}`, 1],
    ['has control characters', channel(item('<guid>1</guid><title>A\u0000\u0008B</title>')), 1],
  ])('a feed that %s yields its readable entries', async (_how, text, items) => {
    const feed = await parseFeed('rss', text);
    expect(feed.items).toHaveLength(items);
    for (const { title } of feed.items) expect(title).toMatch(/^[A-Z &]+$/);
  });

  it('the warning about a malformed feed names the position', async () => {
    const { warnings } = await parseFeed(
      'rss',
      channel(item('<guid>1</guid><title>A</title>')).replace('</channel></rss>', ''),
    );
    expect(warnings).toEqual([{ item: 'document', reason: 'it ends before its root element does' }]);
    const cut = await parseFeed(
      'rss',
      channel(item('<guid>1</guid><title>A</title>') + item('<guid>2</guid><title>B</title>')).slice(0, -40),
    );
    expect(cut).toMatchObject({
      items: [{ title: 'A' }],
      warnings: expect.arrayContaining([
        { item: 'document', reason: 'it ends in the middle of an entry, which is lost' },
      ]),
    });
  });

  it('each unreadable entry has a warning with the reason', async () => {
    const feed = await parseFeed('rss', channel(item('<author/>') + item('<title>B</title>')));
    expect(feed).toMatchObject({
      entries: 2,
      unreadable: 1,
      warnings: [{ item: 'entry 1', reason: 'neither a title nor a text, a link or an id' }],
    });
  });

  it.each(['', '   ', 'just text', '{"a":1}', '<rss'])('a document that is not a feed is refused: %j', async (text) => {
    await expect(parseFeed('rss', text)).rejects.toMatchObject({ code: 'FEEDS_NOT_A_FEED' });
  });

  it('entities of a DOCTYPE are not expanded', async () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>${channel(item('<guid>1</guid><title>&b;&c;</title>')).slice(21)}`;
    const { items } = await parseFeed('rss', bomb);
    expect(items[0]!.title).toBe('&b;&c;');
  });
});

describe('HTML entities of a feed', () => {
  const written = '&Eacute; &oslash; &rarr; &#128; &#146; &unknown;';
  const shown = 'É ø → € ’ &unknown;';

  it.each([
    ['as XML', written],
    ['as HTML inside of XML', written.replaceAll('&', '&amp;')],
    ['as CDATA', `<![CDATA[${written}]]>`],
  ])('HTML entities written %s are decoded in title and text', async (_how, text) => {
    const inner = `<guid>1</guid><title>${text}</title><description>${text}</description>`;
    const { items } = await parseFeed('rss', channel(item(inner)));
    expect(items).toMatchObject([{ title: shown, summary: shown }]);
  });

  it('HTML entities are decoded in title and text of a JSON Feed', async () => {
    const entry = { id: '1', title: written, content_html: `<p>${written}</p>` };
    const feed = { version: 'https://jsonfeed.org/version/1.1', title: 'T', items: [entry] };
    const { items } = await parseFeed('json-feed', JSON.stringify(feed));
    expect(items).toMatchObject([{ title: shown, summary: shown }]);
  });

  it.each([
    ['by the fast reader', ''],
    ['by the tolerant reader', '<!-- -->'],
  ])('HTML entities are decoded in the names of EDGAR filers, read %s', async (_how, between) => {
    const entry = `<entry>
<title>8-K - SOCI&#201;T&amp;Eacute; &#146; (0000055135) (Filer)</title>
<link rel="alternate" type="text/html" href="https://www.sec.gov/Archives/edgar/data/1/0000055135-26-000042-index.htm"/>
<summary type="html"> &lt;b&gt;Filed:&lt;/b&gt; 2026-08-17 Item 2.02: Results</summary>
<updated>2026-08-17T16:01:02-04:00</updated>
<category scheme="https://www.sec.gov/" label="form type" term="8-K"/>
<id>urn:tag:sec.gov,2008:accession-number=0000055135-26-000042</id>
</entry>`;
    const page = `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n${between}${entry}${between}\n</feed>`;
    const { items } = await parseFeed('edgar', page);
    expect(items).toMatchObject([{ title: '8-K SOCIÉTÉ ’', filing: { filers: [{ name: 'SOCIÉTÉ ’' }] } }]);
  });
});

describe('the identity of an item', () => {
  it('the guid identifies an item, whatever other field changes', async () => {
    expect(await keys(channel(item('<guid>1</guid><title>A</title><link>https://x.example/1</link>')))).toEqual(
      await keys(channel(item('<guid>1</guid><title>B</title><link>https://x.example/2</link>'))),
    );
  });

  it('without a guid the link identifies an item, and without both its title and day', async () => {
    const [a, b] = await keys(
      channel(
        item('<title>A</title><link>https://x.example/1</link>') +
          item('<title>A</title><link>https://x.example/2</link>'),
      ),
    );
    expect(a).not.toBe(b);
    const dated = (day: string, text: string) =>
      keys(
        channel(
          item(`<title>A</title><pubDate>${day} Nov 2026 10:00:00 GMT</pubDate><description>${text}</description>`),
        ),
      );
    expect(await dated('02', 'one')).toEqual(await dated('02', 'two'));
    expect(await dated('02', 'one')).not.toEqual(await dated('03', 'one'));
  });

  it('a guid that occurs with several links does not identify an item', async () => {
    const constant = [1, 2, 3]
      .map((n) => item(`<guid isPermaLink="false">same</guid><title>T${n}</title><link>https://x.example/${n}</link>`))
      .join('');
    expect(new Set(await keys(channel(constant))).size).toBe(3);
  });

  it('of repeated entries the first version counts, at each poll', async () => {
    const { items } = await parseFeed(
      'rss',
      channel(
        item('<guid>1</guid><title>A</title><link>https://x.example/1</link>') +
          item('<guid>1</guid><title>B</title><link>https://x.example/1</link>'),
      ),
    );
    expect(items.map(({ title }) => title)).toEqual(['A']);
  });
});

describe('the version of an item', () => {
  const digest = async (inner: string) =>
    (await parseFeed('rss', channel(item(`<guid>1</guid>${inner}`)))).items[0]!.digest.toString('hex');

  it('an item with another title or text is another version', async () => {
    const first = await digest('<title>A</title><description>x</description>');
    expect(await digest('<title>B</title><description>x</description>')).not.toBe(first);
    expect(await digest('<title>A</title><description>y</description>')).not.toBe(first);
  });

  it('an item with other markup, spaces, links or dates is the same version', async () => {
    const first = await digest(
      '<title>A</title><description>&lt;p&gt;x y&lt;/p&gt;</description><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>',
    );
    expect(
      await digest(
        '<title> A </title><description>x  &lt;a href="https://t.example/?u=1"&gt;y&lt;/a&gt;</description><pubDate>Mon, 02 Nov 2026 11:00:00 GMT</pubDate>',
      ),
    ).toBe(first);
  });

  it('an item never has a link that is not http or https', async () => {
    const { items } = await parseFeed(
      'rss',
      channel(item('<guid>1</guid><title>A</title><link>javascript:alert(1)</link>')),
    );
    expect(items[0]).toMatchObject({ link: null });
  });
});
