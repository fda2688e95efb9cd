import type { FeedKind } from '../sources/feed-source.js';

/** A document that is expensive to read and cheap to send. */
export interface HostileDocument {
  name: string;
  kind: FeedKind;
  /** The error of the source. Null if the document is read at low cost. */
  refusal: { limit: string; seen: number } | { thread: true } | null;
  make: () => string;
}

const KB = 1024;
const MB = 1024 * KB;
const repeated = (unit: string, bytes: number) => unit.repeat(Math.floor(bytes / unit.length));
const numbered = (count: number, one: (index: number) => string) => Array.from({ length: count }, (_, at) => one(at));

/** Wraps the hostile part in a feed with one item. */
export const rssAround = (inner: string, prolog = '') =>
  `<?xml version="1.0"?>${prolog}<rss version="2.0"><channel><title>t</title><item><title>A</title><guid>1</guid>${inner}</item></channel></rss>`;
const jsonFeed = (items: string) => `{"version":"https://jsonfeed.org/version/1.1","items":[${items}]}`;

/** The kinds that readers have met or that parsers are weak against. Comments state the cost without limits. */
export const HOSTILE: readonly HostileDocument[] = [
  // 9 s: feedparser shifts a stack of all open elements, and sax chains a namespace object for each.
  xml('820 KiB of nested elements', { limit: 'levels', seen: 1_000 }, () =>
    rssAround(repeated('<a>', 350 * KB) + repeated('</a>', 467 * KB)),
  ),
  // 8 s: each attribute is compared with all earlier ones.
  xml('160,000 attributes', { limit: 'attributes of an element', seen: 257 }, () =>
    rssAround(`<x ${numbered(160_000, (at) => `a${at}="1"`).join(' ')}/>`),
  ),
  xml('40,000 namespaces', { limit: 'attributes of an element', seen: 257 }, () =>
    rssAround(`<x ${numbered(40_000, (at) => `xmlns:a${at}="u${at}"`).join(' ')}/>`),
  ),
  // A million took 12 s and 778 MB.
  xml('260,000 elements', { limit: 'nodes', seen: 100_001 }, () => rssAround(repeated('<b/>', MB))),
  xml('130,000 comments', { limit: 'nodes', seen: 100_001 }, () => rssAround(repeated('<!--a-->', MB))),
  xml('a flood of CDATA sections', { limit: 'nodes', seen: 250_001 }, () =>
    rssAround(repeated('<![CDATA[]]>', 2 * MB)),
  ),
  xml('a flood of processing instructions', { limit: 'nodes', seen: 250_001 }, () =>
    rssAround(repeated('<?a b?>', MB)),
  ),
  // 300,000 took 7 s and 550 MB.
  xml('80,000 empty entries', { limit: 'entries', seen: 5_001 }, () => rssAround(repeated('</item><item>', MB))),
  // Hours: the library searches to the end of the text for the end of each comment.
  xml(
    '1 MiB of comments in a description that never end',
    { thread: true },
    () =>
      `<rss><channel><title>t</title><description><![CDATA[${repeated('<!--', 1 * MB)}]]></description><item><title>A</title></item></channel></rss>`,
  ),
  xml('entities of entities', null, () =>
    rssAround(
      '<description>&e9;</description>',
      `<!DOCTYPE rss [<!ENTITY e0 "x">${numbered(9, (at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`).join('')}]>`,
    ),
  ),
  xml('a DOCTYPE of 1 MB', null, () => rssAround('', `<!DOCTYPE rss [${repeated('<!ENTITY a "b">', MB)}]>`)),
  xml('scripts that never end', null, () =>
    rssAround(`<description><![CDATA[${repeated('<script>', 200 * KB)}]]></description>`),
  ),
  // Hours: a pattern that looks for the end of a path at each of its dots.
  xml('1 MiB of dots in a link', null, () => rssAround(`<link>${repeated('a.', MB)} b</link>`)),
  xml('1 MiB of markup in a title that is not escaped', null, () =>
    rssAround(`<description>${repeated('<b>a<', 400 * KB)}</description>`),
  ),
  // Hours: /<title[^>]*>/ searched to the end of the text from each of them.
  xml('256 KiB of <title in a web page', null, () => `<html>${repeated('<title', 256 * KB)}`),
  {
    name: 'a JSON feed of 1,400,000 empty entries',
    kind: 'json-feed',
    refusal: { limit: 'values', seen: 2_000_001 },
    make: () => jsonFeed(`${repeated('{},', 4 * MB)}{}`),
  },
  {
    name: 'a JSON feed of 6,000 entries',
    kind: 'json-feed',
    refusal: { limit: 'entries', seen: 6_001 },
    make: () => jsonFeed(`${'{},'.repeat(6_000)}{}`),
  },
  {
    name: 'JSON of 2,000,000 levels',
    kind: 'quotes-json',
    refusal: { limit: 'levels', seen: 257 },
    make: () => `{"a":${'['.repeat(2 * MB)}`,
  },
  {
    name: 'a quote of 300,000 fields',
    kind: 'quotes-json',
    refusal: { limit: 'fields in an element', seen: 1_001 },
    make: () => `[{${numbered(300_000, (at) => `"k${at}":1`).join()}}]`,
  },
  {
    name: 'a CSV with one endless quoted field',
    kind: 'quotes-csv',
    refusal: { limit: 'characters in a field', seen: 65_537 },
    make: () => `key,price\nA,1\n"${repeated('x\n', 400 * KB)}`,
  },
  {
    name: 'a CSV of 8,000 columns',
    kind: 'quotes-csv',
    refusal: { limit: 'columns', seen: 1_001 },
    make: () => `${numbered(8_000, (at) => `c${at}`).join()}\n1\n`,
  },
  {
    name: 'a CSV of 500,000 rows',
    kind: 'quotes-csv',
    refusal: { limit: 'lines', seen: 250_001 },
    make: () => `key,price\n${repeated('a,1\n', 2 * MB)}`,
  },
  {
    name: 'a CSV of newlines',
    kind: 'quotes-csv',
    refusal: { limit: 'lines', seen: 250_001 },
    make: () => `key,price\n${repeated('\n', MB)}`,
  },
];

function xml(name: string, refusal: HostileDocument['refusal'], make: () => string): HostileDocument {
  return { name, kind: 'rss', refusal, make };
}
