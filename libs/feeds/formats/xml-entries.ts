import { setImmediate as turn } from 'node:timers/promises';
import FeedParser from 'feedparser';
import type { ItemWarning } from '../sources/feed-source.js';
import { notAFeed } from '../feeds.errors.js';

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

/** So much at a time, then other work has its turn: 280 KB of feed take 20 ms. */
const CHUNK = 128 * 1024;

/**
 * RSS, Atom and RDF, well-formed or not: what came before a break is kept, and each break is a warning.
 * @throws DomainError FEEDS_NOT_A_FEED
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
  for (let at = 0; at < document.length; at += CHUNK) {
    parser.write(document.slice(at, at + CHUNK));
    if (at > 0) await turn();
  }
  parser.end();
  await ended.promise;
  if (entries.length === 0 && failure !== undefined)
    throw notAFeed(`${reasonOf(failure)} (it starts with ${JSON.stringify(document.slice(0, 60))})`);
  const { errors, meta } = parser as unknown as { errors: Error[]; meta: { language?: string | null } };
  return { entries, language: meta.language ?? null, warnings: [...brokenPlaces(errors), ...cutOff(document)] };
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
