import { z } from 'zod';
import type { ParsedFeed } from './feed-item.js';
import { MAX_ENTRIES } from './document-limits.js';
import { jsonDocument } from './json-document.js';
import { newsItem } from './news-item.js';
import { atMost, notAFeed } from './unreadable-document.js';

const text = z.string().nullish();
const author = z.object({ name: text }).nullish();

/** JSON Feed 1.1, and 1.0 with its single `author`. Ids should be strings, but numbers occur. */
const entrySchema = z.object({
  id: z.union([z.string(), z.number()]).nullish(),
  url: text,
  external_url: text,
  title: text,
  content_html: text,
  content_text: text,
  summary: text,
  date_published: text,
  date_modified: text,
  author,
  authors: z.array(author).nullish(),
  tags: z.array(z.string()).nullish(),
  language: text,
});

const feedSchema = z.object({
  version: z.string().regex(/jsonfeed\.org\/version/, { error: 'a version of jsonfeed.org' }),
  language: text,
  items: z.array(z.unknown()),
});

/** @throws UnreadableDocument */
export function jsonFeed(document: string): ParsedFeed {
  const feed = feedSchema.safeParse(jsonDocument(document));
  if (!feed.success)
    throw notAFeed(
      `it has no ${feed.error.issues.map(({ path, message }) => `${path.join('.') || 'object'} (${message})`).join(', ')}`,
    );
  atMost('entries', feed.data.items.length, MAX_ENTRIES);
  const found: ParsedFeed = { items: [], entries: feed.data.items.length, unreadable: 0, warnings: [] };
  feed.data.items.forEach((raw, index) => {
    const entry = entrySchema.safeParse(raw);
    const item = entry.success
      ? newsItem(rawNews(entry.data, feed.data.language ?? null))
      : entry.error.issues
          .slice(0, 5)
          .map(({ path, message }) => `${path.join('.')}: ${message}`)
          .join('; ');
    if (typeof item !== 'string') found.items.push(item);
    else found.warnings.push({ item: `entry ${index + 1}`, reason: item });
  });
  found.unreadable = found.warnings.length;
  return found;
}

function rawNews(entry: z.output<typeof entrySchema>, language: string | null) {
  const content = entry.content_text ?? entry.content_html ?? null;
  return {
    guid: entry.id == null ? null : String(entry.id),
    link: entry.url ?? entry.external_url ?? null,
    title: entry.title ?? null,
    content,
    summary: entry.summary ?? content,
    author: entry.authors?.find((one) => one?.name)?.name ?? entry.author?.name ?? null,
    categories: entry.tags ?? [],
    listings: (entry.tags ?? []).filter((tag) => /^[A-Za-z -]{2,20}:\S{1,20}$/.test(tag)),
    language: entry.language ?? language,
    publishedAt: entry.date_published == null ? null : new Date(entry.date_published),
  };
}
