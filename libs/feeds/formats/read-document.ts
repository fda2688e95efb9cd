import { createHash } from 'node:crypto';
import type { Quote } from '#portfolios';
import { cleanLine } from '#text';
import type { QuoteSettings } from '../prices/quote-settings.dto.js';
import type { FeedKind, ItemWarning } from '../sources/feed-source.js';
import { type FeedItem, WARNINGS_KEPT } from './feed-item.js';
import { type FeedOptions, parseFeed, refuseErrorPage } from './parse-feed.js';
import { csvQuotes, jsonQuotes } from './quote-records.js';
import { decodeText } from './text-decoding.js';
import { type DocumentRefusal, UnreadableDocument } from './unreadable-document.js';

interface DocumentInput {
  kind: FeedKind;
  body: Uint8Array;
  contentType: string | undefined;
  /** Settings for quotes. */
  quotes: QuoteSettings | undefined;
  /** What the source says about its documents. */
  options?: Omit<FeedOptions, 'now'>;
  now: Date;
  /** Digest of the bytes that were read last. The same bytes are not read again. */
  known: string | null;
}

/** An item as it leaves a thread. `structuredClone` does not preserve Buffers. */
export type SentItem = FeedItem extends infer Item
  ? Item extends FeedItem
    ? Omit<Item, 'key' | 'digest'> & { key: string; digest: string }
    : never
  : never;

export interface DocumentContent {
  digest: string;
  /** True if the digest is the known one and nothing was read. */
  unchanged: boolean;
  items: SentItem[];
  quotes: Quote[];
  entries: number;
  unreadable: number;
  /** The first warnings of the document. */
  warnings: ItemWarning[];
  /** Errors of this program with their stacks, for its log. */
  faults: string[];
}

/** Raised when readers learn to read more, so that unchanged documents are read again. */
const READER = 'feeds/3';

/**
 * Reads items or quotes from untrusted bytes. Runs in a worker thread, because the sender controls how long it takes.
 */
export default async function readDocument(
  input: DocumentInput,
): Promise<DocumentContent | { refused: DocumentRefusal }> {
  const digest = createHash('sha256').update(READER).update(input.body).digest('base64url');
  const none = { items: [], quotes: [], entries: 0, unreadable: 0, warnings: [], faults: [] };
  const nothing = { ...none, digest, unchanged: false };
  if (digest === input.known) return { ...nothing, unchanged: true };
  try {
    const { text, warning } = decodeText(input.body, input.contentType);
    const found = input.quotes === undefined ? await itemsOf(input, text) : quotesOf(input, input.quotes, text);
    const encoding = warning === null ? [] : [{ item: 'document', reason: warning }];
    return { ...nothing, ...found, warnings: [...encoding, ...found.warnings].slice(0, WARNINGS_KEPT).map(shortened) };
  } catch (error) {
    if (error instanceof UnreadableDocument) return { refused: error.refusal };
    throw error;
  }
}

async function itemsOf({ kind, options, now }: DocumentInput, text: string) {
  const { items, repeated: _repeated, ...found } = await parseFeed(kind, text, { ...options, now });
  return { ...found, items: items.map(sent), faults: found.faults.map(described) };
}

function quotesOf({ kind, now, options }: DocumentInput, given: QuoteSettings, text: string) {
  refuseErrorPage(text);
  const settings = { ...given, timeZone: given.timeZone ?? options?.timeZone };
  return (kind === 'quotes-csv' ? csvQuotes : jsonQuotes)(text, settings, now);
}

const sent = (item: FeedItem): SentItem => ({
  ...item,
  key: item.key.toString('hex'),
  digest: item.digest.toString('hex'),
});

const described = (fault: unknown): string => String((fault as Error | undefined)?.stack ?? fault).slice(0, 2_000);

/** Cleaned, because PostgreSQL refuses U+0000 and halves of characters, and with them the whole cycle. */
const shortened = ({ item, reason }: ItemWarning): ItemWarning => ({
  item: cleanLine(item.slice(0, 200)),
  reason: cleanLine(reason.slice(0, 500)),
});
