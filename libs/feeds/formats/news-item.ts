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

export interface NewsOptions {
  /** URL of the document, to which relative links refer. */
  url: string | undefined;
  /** http and https in guids and links identify the same item. */
  ignoreScheme: boolean;
  /** The guid occurs with several links in the document, so it does not identify the item alone. */
  repeated: boolean;
}

/**
 * Makes the news item that is claimed. Its guid identifies it; without a guid its link; without both its title and day. Its content
 * is title and text without markup, so that markup, tracking links and the order of attributes do not count as a revision.
 * @returns the reason as text if no item can be made
 */
export function newsItem(raw: RawNews, { url, ignoreScheme, repeated }: NewsOptions): NewsItem | string {
  const summary = plainText(raw.summary ?? raw.content, SUMMARY_MAX);
  const link = webLink(raw.link, url) ?? webLink(raw.guid, undefined);
  const guid = raw.guid === null ? '' : cleanLine(raw.guid);
  const title = plainText(raw.title, TITLE_MAX) || fitText(summary, 120) || (link ?? fitText(guid, TITLE_MAX));
  if (title === '') return 'neither a title nor a text, a link or an id';
  const { publishedAt } = raw;
  const full = raw.content === null || raw.content === raw.summary ? summary : plainText(raw.content, 20_000);
  const named = (address: string): string => (ignoreScheme ? address.replace(/^https:\/\//i, 'http://') : address);
  return {
    kind: 'news',
    key:
      guid !== ''
        ? identityOf('guid', named(guid), repeated ? named(link ?? title) : null)
        : link !== null
          ? identityOf('link', named(link))
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

/** A path or a file name, and no scheme: `/a/1`, `story.html`, `?id=5`. A word such as `none` is no link. */
const RELATIVE = /^(?:[/?]|\.{1,2}\/|[^\s:/?#]+[/.?])/;

/** Accepts http(s) only, because screens make links of it and a link must not be a script. @param base of relative links */
export function webLink(text: string | null, base: string | undefined): string | null {
  const written = text?.trim() ?? '';
  const isAbsolute = /^https?:\/\//i.test(written);
  if (!isAbsolute && (base === undefined || /\s/.test(written) || !RELATIVE.test(written))) return null;
  const url = URL.parse(written, isAbsolute ? undefined : base);
  return url !== null && /^https?:$/.test(url.protocol) ? fitText(url.href, 2_000) : null;
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
