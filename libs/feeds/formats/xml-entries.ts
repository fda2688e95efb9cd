import FeedParser from 'feedparser';
import type { ItemWarning } from '../sources/feed-source.js';
import { MAX_ATTRIBUTES, MAX_DEPTH, MAX_ENTRIES, MAX_NODES } from './document-limits.js';
import { atMost, notAFeed } from './unreadable-document.js';

/** An item as feedparser gives it: normalised fields and every element by its name (`ndaq:halttime`, `rss:category`). */
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

/** Characters between two looks at the limits: what is beyond one is stopped after so many more, at most. */
const CHUNK = 4 * 1024;

/**
 * RSS, Atom and RDF, well-formed or not: what came before a break is kept, and each break is a warning.
 * @throws UnreadableDocument
 */
export async function xmlEntries(text: string): Promise<XmlFeed> {
  // feedparser trips over a byte order mark and blank lines before the declaration.
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

/** Counts what the parser meets. The events of the parser itself: nothing of the document can be read by one and not by the other. */
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
    // Attributes have their events when the tag has ended. Until then each is compared with all before it.
    attributes: () => Math.max(most, stream._parser.attribList.length),
  };
}

/** One warning a kind of break, with where it was first and how often. */
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

/** A tolerant parser is silent about an end that comes too early. */
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
