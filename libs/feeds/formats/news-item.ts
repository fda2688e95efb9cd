import { cleanLine, fitText } from '#text';
import { identityOf } from './item-identity.js';
import type { NewsItem } from './feed-item.js';
import { plainText } from './plain-text.js';

const TITLE_MAX = 500;
const SUMMARY_MAX = 2_000;
const LIST_MAX = 50;

/** An item in the words of any format. */
export interface RawNews {
  guid: string | null;
  link: string | null;
  title: string | null;
  /** The longest text there is: what it says decides whether it is a revision. */
  content: string | null;
  summary: string | null;
  author: string | null;
  categories: readonly string[];
  /** `Nasdaq:FCEL`: what the feed names as listings. */
  listings: readonly string[];
  language: string | null;
  publishedAt: Date | null;
}

/**
 * News as it is claimed. Which it is: its guid; without one its link; without both what never changes of it, title and
 * day. What it says: title and text as a person reads them, so that markup, tracking links and the order of attributes are
 * no revision.
 * @param repeated the same guid is on other links of the document: then it says nothing alone
 * @returns a string that says why, if nothing is to be made of it
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

/** Only http(s): what a screen makes a link of must not be a script. */
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
