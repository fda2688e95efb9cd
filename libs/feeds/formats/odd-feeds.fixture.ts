import fc from 'fast-check';
import type { FeedKind } from '../sources/feed-source.js';

/** A feed that a publisher might write: one good entry, and others with odd fields. */
export interface OddFeed {
  kind: FeedKind;
  text: string;
  entries: number;
}

export const GOOD = 'The good entry';

const ODD = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\uD800',
    '&amp;',
    '&unknown;',
    '<![CDATA[<p>x</p>]]>',
    '<b>x</b>',
    '<x/>',
    '<a href="/1">x',
    '--',
  ),
  fc.constantFrom(
    '25:00:00',
    '30 Feb 2025',
    'Mon, 01 Jan 0001 00:00:00 GMT',
    '2025-11-25',
    '+275760-09-13',
    '05/11/2025',
  ),
  fc.constantFrom('constructor', '__proto__', 'javascript:alert(1)', '/a/1', 'https://[', '$1', '1e400', '-1', 'NaN'),
);
const NAMES = [
  ...[
    'title',
    'link',
    'guid',
    'id',
    'description',
    'summary',
    'content',
    'content:encoded',
    'pubDate',
    'updated',
    'dc:date',
  ],
  ...[
    'author',
    'dc:creator',
    'category',
    'dc:subject',
    'itunes:category',
    'itunes:owner',
    'itunes:image',
    'media:content',
  ],
  ...[
    'media:group',
    'media:thumbnail',
    'enclosure',
    'source',
    'comments',
    'image',
    'constructor',
    '__proto__',
    'toString',
  ],
  ...[
    'ndaq:HaltDate',
    'ndaq:HaltTime',
    'ndaq:IssueSymbol',
    'ndaq:ResumptionDate',
    'accession-number',
    'filing-date',
    'items-desc',
  ],
];
const ATTRIBUTES = [
  '',
  ' href="/1"',
  ' rel="alternate"',
  ' rel="self" href=""',
  ' type="xhtml"',
  ' type="text"',
  ' term="x"',
  ' domain="/stock"',
];

/** Elements with odd text, without text, repeated, and within each other. */
const element = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...ATTRIBUTES), ODD, fc.option(fc.constantFrom(...NAMES)))
  .map(([name, attributes, text, inner]) => {
    const written = text.startsWith('<![CDATA[') || /^<[a-z]/.test(text) ? text : text.replaceAll('<', '&lt;');
    const within = inner === null ? written : `${written}<${inner}>${written}</${inner}>`;
    return `<${name}${attributes}>${within}</${name}>`;
  })
  // Nothing that ends the entry, or begins another one.
  .filter((text) => !/<\/?(item|entry|rss|feed|channel)/i.test(text));

const elements = fc.array(element, { maxLength: 6 }).map((all) => all.join(''));
const entries = fc.array(elements, { maxLength: 5 });

const rssFeed = fc.tuple(elements, entries).map(([head, odd]): OddFeed => ({
  kind: 'rss',
  text: `<?xml version="1.0"?><rss version="2.0"><channel>${head}${odd.map((inner) => `<item>${inner}</item>`).join('')}<item><guid>good</guid><title>${GOOD}</title></item></channel></rss>`,
  entries: odd.length + 1,
}));

const GOOD_FILING = `<entry><title>8-K - ${GOOD} (0000000001) (Filer)</title><updated>2025-12-12T18:02:10-05:00</updated><category term="8-K"/><id>urn:tag:sec.gov,2008:accession-number=0000000042-25-000001</id></entry>`;
const atomFeed = fc
  .tuple(fc.constantFrom('edgar' as const, 'atom' as const), elements, entries)
  .map(([kind, head, odd]): OddFeed => ({
    kind,
    text: `<feed xmlns="http://www.w3.org/2005/Atom">${head}${odd.map((inner) => `<entry>${inner}<id>urn:tag:sec.gov,2008:accession-number=0000000042-25-000002</id></entry>`).join('')}${GOOD_FILING}</feed>`,
    entries: odd.length + 1,
  }));

const FIELDS = [
  'id',
  'url',
  'external_url',
  'title',
  'content_html',
  'content_text',
  'summary',
  'date_published',
  'author',
  'authors',
  'tags',
  'language',
];
const jsonItem = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(ODD, fc.jsonValue())));
const jsonFeed = fc.tuple(fc.array(jsonItem, { maxLength: 5 }), fc.jsonValue()).map(([odd, head]): OddFeed => ({
  kind: 'json-feed',
  text: JSON.stringify({
    ...{ version: 'https://jsonfeed.org/version/1.1', language: head, feed_url: head, home_page_url: head },
    items: [...odd, { id: 'good', title: GOOD }],
  }),
  entries: odd.length + 1,
}));

/** Feeds that are well-formed, with fields that are odd in every way. */
export const oddFeed = fc.oneof(rssFeed, atomFeed, jsonFeed);

/** The same feeds with pieces cut out, doubled or replaced, as bytes. */
export const brokenFeed = fc
  .tuple(
    oddFeed,
    fc.array(fc.tuple(fc.nat(), fc.nat(60), fc.uint8Array({ maxLength: 8 })), { minLength: 1, maxLength: 4 }),
  )
  .map(([{ kind, text }, cuts]) => {
    let bytes = Buffer.from(text);
    for (const [at, length, instead] of cuts) {
      const from = at % (bytes.length + 1);
      bytes = Buffer.concat([bytes.subarray(0, from), instead, bytes.subarray(from + length)]);
    }
    return { kind, bytes };
  });
