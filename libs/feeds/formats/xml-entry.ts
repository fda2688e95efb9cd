/** An element as feedparser keeps it: attributes under `@`, its text under `#`, and its child elements by name. */
export interface XmlElement {
  '@'?: Record<string, string>;
  '#'?: string;
  [child: string]: unknown;
}

/** An item or entry. Texts are HTML; a text that is marked as plain text is escaped. */
export interface XmlEntry {
  title: string | null;
  summary: string | null;
  /** The longest text. */
  content: string | null;
  link: string | null;
  guid: string | null;
  author: string | null;
  categories: string[];
  /** Listings such as `Nasdaq:FCEL`. */
  listings: string[];
  language: string | null;
  /** Its dates as written, the best first. */
  dates: string[];
  /** All its child elements by name, such as `ndaq:halttime`. */
  elements: XmlElement;
}

/** Names of dates, the best first, whatever their prefix: `dc:date`, `dcterms:created`, `a10:updated`. */
const DATES = [
  'pubdate',
  'published',
  'issued',
  'date',
  'created',
  'available',
  'publicationdate',
  'updated',
  'modified',
];

/** Makes an entry of an element and its children. */
export function entryOf(element: XmlElement): XmlEntry {
  const summary = html(element['description']) ?? html(element['summary']) ?? html(element['a10:summary']);
  const content =
    html(element['content:encoded']) ??
    html(element['content']) ??
    html(element['a10:content']) ??
    html(element['xhtml:body']) ??
    summary ??
    html(element['itunes:summary']);
  const categories = [
    ...all(element['category']).map((one) => attribute(one, 'term') ?? textOf(one)),
    ...['dc:subject', 'media:category'].flatMap((name) => all(element[name]).map(textOf)),
    ...all(element['itunes:category']).map((one) => attribute(one, 'text')),
  ];
  return {
    title: html(element['title']) ?? html(element['dc:title']),
    summary,
    content,
    link: linkOf(element),
    guid: guidOf(element),
    author: authorOf(element),
    categories: [...new Set(categories.filter((category) => category !== null))],
    listings: all(element['category']).flatMap(listingOf),
    language: textOf(element['dc:language']) ?? textOf(element['language']) ?? attribute(element, 'xml:lang'),
    dates: datesOf(element),
    elements: element,
  };
}

/** The text of an element, of the first with a text if there are several. */
export function textOf(element: unknown): string | null {
  for (const one of all(element)) {
    const text = typeof one === 'string' ? one : (one as XmlElement | undefined)?.['#'];
    if (typeof text === 'string' && text.trim() !== '') return text;
  }
  return null;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function all(element: unknown): unknown[] {
  return element === undefined || element === null ? [] : [element].flat();
}

function attribute(element: unknown, name: string): string | null {
  const attributes = (element as XmlElement | undefined)?.['@'];
  const value = typeof attributes === 'object' && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Text that screens can show. Atom marks plain text, in which `<` is no tag, and content of other types. */
function html(element: unknown): string | null {
  const [first] = all(element);
  const type = attribute(first, 'type')?.toLowerCase() ?? 'html';
  if (type.includes('/') && !/^text\/|html|xml$/.test(type)) return null;
  const text = textOf(element);
  return text !== null && /^text(?:\/plain)?$/.test(type) ? escapeHtml(text) : text;
}

/** The last alternative counts, as in feedparser, so that claims without a guid keep their key. */
function linkOf(element: XmlElement): string | null {
  let link: string | null = null;
  for (const name of ['link', 'a10:link', 'atom:link']) {
    for (const one of all(element[name])) {
      const href = attribute(one, 'href');
      const rel = attribute(one, 'rel') ?? 'alternate';
      if (href === null) link ??= textOf(one);
      else if (rel === 'alternate') link = href;
      else if (rel === 'self') link ??= href;
    }
    if (link !== null) return link;
  }
  return null;
}

/** A guid or id, else the link; in the order of feedparser, so that claims keep their key. */
function guidOf(element: XmlElement): string | null {
  let guid: string | null = null;
  for (const name of Object.keys(element)) {
    if (name === 'link') guid ??= linkOf(element);
    else if (name === 'guid' || name === 'id') guid = textOf(element[name]);
  }
  return guid ?? textOf(element['a10:id']);
}

function authorOf(element: XmlElement): string | null {
  const [author] = all(element['author'] ?? element['a10:author']) as [XmlElement?];
  const named =
    textOf(author?.['name']) ?? textOf(author?.['a10:name']) ?? textOf(author?.['email']) ?? textOf(author?.['uri']);
  return (
    textOf(element['dc:creator']) ??
    named ??
    nameIn(textOf(author)) ??
    textOf(element['itunes:author']) ??
    textOf(element['dc:publisher'])
  );
}

/** `ann@wire.example (Ann Lee)` and `Ann Lee <ann@wire.example>` -> `Ann Lee`. */
function nameIn(author: string | null): string | null {
  if (author === null || !author.includes('@')) return author;
  return /\(([^()]{1,200})\)/.exec(author)?.[1] ?? /^([^<>"@]{1,200})<[^<>]*>/.exec(author)?.[1]?.trim() ?? author;
}

/** GlobeNewswire's form of listings: `<category domain=".../rss/stock">Nasdaq:FCEL</category>`. */
function listingOf(category: unknown): string[] {
  const scheme = attribute(category, 'domain') ?? attribute(category, 'scheme') ?? '';
  const listing = textOf(category) ?? attribute(category, 'term');
  return /\/(stock|ticker|symbol)s?$/i.test(scheme) && listing !== null ? [listing] : [];
}

function datesOf(element: XmlElement): string[] {
  return Object.keys(element)
    .map((name) => ({ name, rank: DATES.indexOf(name.slice(name.indexOf(':') + 1)), prefixed: name.includes(':') }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank || Number(a.prefixed) - Number(b.prefixed))
    .flatMap(({ name }) => textOf(element[name]) ?? []);
}
