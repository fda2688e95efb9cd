import { cleanLine, fitText } from '#text';
import { identityOf } from './item-identity.js';
import type { NewsItem } from './feed-item.js';
import { plainText } from './plain-text.js';

const TITLE_MAX = 500;
const SUMMARY_MAX = 2_000;
const LIST_MAX = 50;

/** The fields of an item, from any format. */
export interface RawNews {
  guid: string | null;
  link: string | null;
  title: string | null;
  /** The longest text of the item. A change of it is a revision. */
  content: string | null;
  summary: string | null;
  author: string | null;
  categories: readonly string[];
  /** Listings in the feed, such as `Nasdaq:FCEL`. */
  listings: readonly string[];
  language: string | null;
  publishedAt: Date | null;
}

/**
 * Makes the news item that is claimed. Its guid identifies it; without a guid its link; without both its title and day. Its content
 * is title and text without markup, so that markup, tracking links and the order of attributes do not count as a revision.
 * @param repeated the guid occurs with several links in the document, so it does not identify the item alone
 * @returns the reason as text if no item can be made
 */
export function newsItem(raw: RawNews, repeated = false): NewsItem | string {
  const summary = plainText(raw.summary ?? raw.content, SUMMARY_MAX);
  const link = linkOf(raw.link) ?? linkOf(raw.guid);
  const guid = raw.guid === null ? '' : cleanLine(raw.guid);
  const title = plainText(raw.title, TITLE_MAX) || fitText(summary, 120) || (link ?? fitText(guid, TITLE_MAX));
  if (title === '') return 'neither a title nor a text, a link or an id';
  const publishedAt = raw.publishedAt !== null && !Number.isNaN(raw.publishedAt.getTime()) ? raw.publishedAt : null;
  const full = raw.content === null || raw.content === raw.summary ? summary : plainText(raw.content, 20_000);
  return {
    kind: 'news',
    key:
      guid !== ''
        ? identityOf('guid', guid, repeated ? (link ?? title) : null)
        : link !== null
          ? identityOf('link', link)
          : identityOf('fields', title, publishedAt?.toISOString() ?? null),
    digest: identityOf(title, full),
    title,
    link,
    summary,
    author: orNull(plainText(raw.author, 200)),
    categories: unique(raw.categories.map((category) => plainText(category, 200))),
    tickers: unique(raw.listings.map(tickerOf)),
    listings: unique(raw.listings.map((listing) => plainText(listing, 60))),
    language: orNull(plainText(raw.language, 20)),
    publishedAt,
  };
}

/** Accepts http(s) only, because screens make links of it and a link must not be a script. */
function linkOf(text: string | null): string | null {
  if (text === null || !/^\s*https?:\/\//i.test(text) || !URL.canParse(text.trim())) return null;
  return fitText(new URL(text.trim()).href, 2_000);
}

/** `TSX-V:DEX` -> `DEX`. */
function tickerOf(listing: string): string {
  const symbol = plainText(listing, 60).split(':').at(-1)!.trim().toUpperCase();
  return /^[A-Z0-9][A-Z0-9.&/^=-]{0,19}$/.test(symbol) ? symbol : '';
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => value !== '').slice(0, LIST_MAX);
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
