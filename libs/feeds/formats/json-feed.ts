import { MAX_ENTRIES } from './document-limits.js';
import { type FeedItem, type Note, type ParsedFeed, readEach } from './feed-item.js';
import { feedTime, type TimeStyle } from './feed-time.js';
import { jsonDocument } from './json-document.js';
import { newsItem, type NewsOptions, type RawNews } from './news-item.js';
import { atMost, notAFeed } from './unreadable-document.js';

type Fields = Readonly<Record<string, unknown>>;

/** Reads JSON Feed 1.1, and 1.0 with its single `author`. A field of another type is dropped with a warning. @throws UnreadableDocument */
export function jsonFeed(
  document: string,
  { style, ...options }: Omit<NewsOptions, 'repeated'> & { style: TimeStyle },
): ParsedFeed {
  const feed = fieldsOf(jsonDocument(document));
  const { version, items } = feed;
  if (typeof version !== 'string' || !/jsonfeed\.org\/version/.test(version))
    throw notAFeed('it has no version of jsonfeed.org');
  if (!Array.isArray(items)) throw notAFeed('it has no list of items');
  atMost('entries', items.length, MAX_ENTRIES);
  const [url] = [feed['feed_url'], feed['home_page_url'], options.url].filter(isWebAddress);
  const language = typeof feed['language'] === 'string' ? feed['language'] : null;
  const { read, ...found } = readEach<unknown, FeedItem>(
    items,
    (entry, index) => nameOf(entry) ?? `entry ${index + 1}`,
    (entry, note) => newsItem(rawNews(fieldsOf(entry), language, style, note), { ...options, url, repeated: false }),
  );
  return { ...found, items: read, entries: items.length, repeated: 0 };
}

function rawNews(entry: Fields, language: string | null, style: TimeStyle, note: Note): RawNews {
  const text = (name: string) => textField(entry, name, note);
  const content = text('content_text') ?? text('content_html');
  const tags = listOf(entry, 'tags', 'texts', note).filter((tag) => isText(tag, 'tags', note));
  return {
    // Ids should be texts, but numbers occur.
    guid: typeof entry['id'] === 'number' ? String(entry['id']) : text('id'),
    link: text('url') ?? text('external_url'),
    title: text('title'),
    content,
    summary: text('summary') ?? content,
    author: authorOf(entry, note),
    categories: tags,
    listings: tags.filter((tag) => /^[A-Za-z -]{2,20}:\S{1,20}$/.test(tag)),
    language: text('language') ?? language,
    publishedAt: timeOf(text('date_published'), style, note),
  };
}

function timeOf(written: string | null, style: TimeStyle, note: Note): Date | null {
  if (written === null) return null;
  const at = feedTime(written, style);
  if (typeof at !== 'string') return at;
  note(at);
  return null;
}

function authorOf(entry: Fields, note: Note): string | null {
  const single = entry['author'] ?? null;
  const authors = [...listOf(entry, 'authors', 'objects', note), ...(single === null ? [] : [single])];
  for (const author of authors) {
    if (typeof author !== 'object' || author === null || Array.isArray(author)) note('an author is not an object');
    else {
      const name = textField(author as Fields, 'name', note);
      if (name !== null && name !== '') return name;
    }
  }
  return null;
}

function textField(fields: Fields, name: string, note: Note): string | null {
  const value = Object.hasOwn(fields, name) ? fields[name] : null;
  return value !== null && value !== undefined && isText(value, name, note) ? value : null;
}

function listOf(fields: Fields, name: string, of: string, note: Note): unknown[] {
  const value = Object.hasOwn(fields, name) ? (fields[name] ?? []) : [];
  if (Array.isArray(value)) return value;
  note(`${name} is not a list of ${of}`);
  return [];
}

function isText(value: unknown, name: string, note: Note): value is string {
  if (typeof value === 'string') return true;
  note(
    `${name}: ${value === null ? 'null' : Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`} is not a text`,
  );
  return false;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function nameOf(entry: unknown): string | undefined {
  const { title } = fieldsOf(entry);
  return typeof title === 'string' && title.trim() !== '' ? title.slice(0, 100) : undefined;
}

function isWebAddress(url: unknown): url is string {
  return typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url);
}
