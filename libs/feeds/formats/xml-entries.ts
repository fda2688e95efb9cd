import FeedParser from 'feedparser';
import type { ItemWarning } from '../sources/feed-source.js';
import { MAX_ATTRIBUTES, MAX_DEPTH, MAX_ENTRIES, MAX_NODES } from './document-limits.js';
import { atMost, notAFeed } from './unreadable-document.js';

/**
 * An item as feedparser returns it: normalised fields, and every element by its name (`ndaq:halttime`, `rss:category`).
 */
export type XmlEntry = Record<string, unknown> & {
  title: string | null;
  description: string | null;
  summary: string | null;
  pubdate: Date | null;
  date: Date | null;
  link: string | null;
  guid: string | null;
  author: string | null;
  categories: string[];
};

export interface XmlFeed {
  entries: XmlEntry[];
  language: string | null;
  warnings: ItemWarning[];
}

/** Characters between two checks of the limits, so a document is stopped at most this far beyond a limit. */
const CHUNK = 4 * 1024;

/**
 * Reads RSS, Atom and RDF, well-formed or not. Keeps the entries before an error, and reports each error as a warning.
 * @throws UnreadableDocument
 */
export async function xmlEntries(text: string): Promise<XmlFeed> {
  // feedparser fails on a byte order mark and on blank lines before the declaration.
  const document = text.replace(/^[\s\uFEFF]+/, '');
  const parser = new FeedParser({ addmeta: false, resume_saxerror: true });
  const entries: XmlEntry[] = [];
  const ended = Promise.withResolvers<void>();
  let failure: Error | undefined;
  parser.on('readable', () => {
    for (let item = parser.read(); item !== null; item = parser.read()) entries.push(item as unknown as XmlEntry);
  });
  parser.on('error', (error: Error) => {
    failure ??= error;
    ended.resolve();
  });
  parser.on('end', () => ended.resolve());
  const seen = counted(parser);
  for (let at = 0; at < document.length && failure === undefined; at += CHUNK) {
    await new Promise<void>((written) => parser.write(document.slice(at, at + CHUNK), () => written()));
    atMost('nodes', seen.nodes(), MAX_NODES);
    atMost('levels', seen.depth(), MAX_DEPTH);
    atMost('attributes of an element', seen.attributes(), MAX_ATTRIBUTES);
    atMost('entries', entries.length, MAX_ENTRIES);
  }
  parser.end();
  await ended.promise;
  if (entries.length === 0 && failure !== undefined)
    throw notAFeed(`${reasonOf(failure)} (it starts with ${JSON.stringify(document.slice(0, 60))})`);
  const { errors, meta } = parser as unknown as { errors: Error[]; meta: { language?: string | null } };
  return { entries, language: meta.language ?? null, warnings: [...brokenPlaces(errors), ...cutOff(document)] };
}

interface SaxStream {
  on(event: string, listener: () => void): void;
  _parser: { attribList: unknown[] };
}

/** Counts the events of the parser itself, so the counter and the reader see the same document. */
function counted(parser: FeedParser) {
  const { stream, errors } = parser as unknown as { stream: SaxStream; errors: unknown[] };
  let nodes = 0;
  let depth = 0;
  let deepest = 0;
  let attributes = 0;
  let most = 0;
  for (const event of ['comment', 'opencdata', 'processinginstruction', 'doctype']) stream.on(event, () => nodes++);
  stream.on('attribute', () => attributes++);
  stream.on('opentag', () => {
    nodes++;
    most = Math.max(most, attributes);
    attributes = 0;
    if (++depth > deepest) deepest = depth;
  });
  stream.on('closetag', () => depth--);
  return {
    nodes: () => nodes + errors.length,
    depth: () => deepest,
    // Attributes are reported at the end of their tag. Until then each is compared with all earlier ones.
    attributes: () => Math.max(most, stream._parser.attribList.length),
  };
}

/** One warning per kind of error, with its first position and its count. */
function brokenPlaces(errors: readonly Error[]): ItemWarning[] {
  const byReason = Map.groupBy(errors, reasonOf);
  return [...byReason].map(([reason, all]) => {
    const line = /Line: (\d+)/.exec(all[0]!.message)?.[1];
    const times = all.length > 1 ? `, ${all.length} times` : '';
    return {
      item: line === undefined ? 'document' : `line ${Number(line) + 1}`,
      reason: `not well-formed: ${reason}${times}`,
    };
  });
}

function reasonOf(error: Error): string {
  return error.message.split('\n')[0]!.slice(0, 200);
}

/** Detects a premature end, about which a tolerant parser is silent. */
function cutOff(document: string): ItemWarning[] {
  if (/<\/(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--[^>]*-->\s*)*$/i.test(document.slice(-1_000))) return [];
  const within = ['item', 'entry'].some((name) => document.lastIndexOf(`<${name}`) > document.lastIndexOf(`</${name}`));
  return [
    {
      item: 'document',
      reason: within ? 'it ends in the middle of an entry, which is lost' : 'it ends before its root element does',
    },
  ];
}
