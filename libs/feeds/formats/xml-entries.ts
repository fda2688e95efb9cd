import FeedParser from 'feedparser';
import type { ItemWarning } from '../sources/feed-source.js';
import { MAX_ATTRIBUTES, MAX_DEPTH, MAX_ENTRIES, MAX_NODES } from './document-limits.js';
import { INTERNAL } from './feed-item.js';
import { atMost, notAFeed } from './unreadable-document.js';
import { entryOf, escapeHtml, type XmlElement, type XmlEntry } from './xml-entry.js';

export interface XmlFeed {
  entries: XmlEntry[];
  language: string | null;
  /** `company-info` of EDGAR's feeds of single companies. */
  company: unknown;
  /** Entries that have begun and are not in `entries`. */
  lost: number;
  warnings: ItemWarning[];
  faults: unknown[];
}

/** Characters between two checks of the limits, so a document is stopped at most this far beyond a limit. */
const CHUNK = 4 * 1024;
const FAULTS_KEPT = 3;

/**
 * Reads RSS, Atom and RDF, well-formed or not. Keeps the entries before and after an error, and reports each error as a
 * warning.
 * @throws UnreadableDocument
 */
export async function xmlEntries(text: string): Promise<XmlFeed> {
  // feedparser fails on a byte order mark and on blank lines before the declaration.
  const document = text.replace(/^[\s\uFEFF]+/, '');
  const parser = new EntryParser({ addmeta: false, resume_saxerror: true });
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
  const faults = [...parser.faults];
  if (failure !== undefined && !isNotAFeed(failure)) faults.push(failure);
  if (entries.length === 0 && failure !== undefined)
    throw notAFeed(`${reasonOf(failure)} (it starts with ${JSON.stringify(document.slice(0, 60))})`);
  const cut =
    failure === undefined ? cutOff(document) : { lost: 1, warnings: [{ item: 'the rest', reason: INTERNAL }] };
  return {
    entries,
    language: parser.meta.language ?? null,
    company: parser.meta['atom:company-info'],
    lost: parser.lost + cut.lost,
    warnings: [
      ...brokenPlaces(parser.errors.filter((error) => !parser.faults.includes(error))),
      ...Array.from({ length: Math.min(parser.lost, FAULTS_KEPT) }, () => ({ item: 'an entry', reason: INTERNAL })),
      ...cut.warnings,
    ],
    faults,
  };
}

/** The part of a tag of sax that is read here. */
interface OpenTag {
  name: string;
  local: string;
}

interface OpenElement extends XmlElement {
  '#name': string;
  '#local': string;
  '#uri'?: string;
}

interface SaxStream {
  on(event: string, listener: () => void): void;
  _parser: { attribList: unknown[] };
}

/** The members of feedparser that its types leave out. */
interface Internals extends FeedParser {
  stack: OpenElement[];
  in_xhtml: boolean;
  xhtml: { '#name'?: string; '#'?: string };
  errors: Error[];
  stream: SaxStream;
  handleOpenTag(tag: OpenTag): void;
  handleCloseTag(name: string): void;
  handleText(text: string): void;
  handleMeta(element: XmlElement, type: string, options: unknown): object;
  handleItem(element: XmlElement): unknown;
}

/** Elements whose children are text with markup, unless they are those of pictures and podcasts. */
const TEXTS = new Set(['title', 'description', 'summary', 'content', 'encoded']);
const XHTML = 'http://www.w3.org/1999/xhtml';
/** Markup that feeds write without escaping it. Other elements in a text are those of a text that was never closed. */
const MARKUP = new Set(
  `a abbr article b big blockquote br center cite code dd del div dl dt em figure font h1 h2 h3 h4 h5 h6 hr i img ins li mark
   ol p pre q s section small span strike strong sub sup table tbody td th thead tr tt u ul`.split(/\s+/),
);
const ENTRY = /^(?:.*:)?(?:item|entry)$/;

/** feedparser with entries of our own, that survives its own errors: one entry that it cannot handle costs only itself. */
class EntryParser extends (FeedParser as unknown as new (options: FeedParser.Options) => Internals) {
  /** Entries that it could not handle. */
  lost = 0;
  readonly faults: unknown[] = [];

  override handleItem(element: XmlElement): XmlEntry {
    return entryOf(element);
  }

  override handleMeta(element: XmlElement, type: string, options: unknown): object {
    try {
      return super.handleMeta(element, type, options);
    } catch (error) {
      this.note(error);
      return {};
    }
  }

  /** Text with markup that is not escaped is collected like Atom's XHTML. */
  override handleOpenTag(tag: OpenTag): void {
    const [parent] = this.stack;
    if (!this.in_xhtml && MARKUP.has(tag.local) && parent !== undefined && isText(parent)) {
      this.in_xhtml = true;
      this.xhtml = { '#name': parent['#name'], '#': escapeHtml(parent['#'] ?? '') };
      parent['#'] = '';
    }
    super.handleOpenTag(tag);
  }

  /** feedparser writes the text of XHTML between its tags again, without escaping it. */
  override handleText(text: string): void {
    super.handleText(this.in_xhtml ? escapeHtml(text) : text);
  }

  override handleCloseTag(name: string): void {
    try {
      super.handleCloseTag(name);
    } catch (error) {
      this.note(error);
      if (ENTRY.test(name)) this.lost += 1;
    }
  }

  private note(error: unknown): void {
    if (this.faults.length < FAULTS_KEPT) this.faults.push(error);
  }
}

/** Content of the type `text/xml` has elements of its own, as in EDGAR's feeds of companies. */
function isText(element: OpenElement): boolean {
  const uri = element['#uri'] ?? '';
  if (uri === XHTML) return element['#local'] === 'body';
  return TEXTS.has(element['#local']) && !/mrss|itunes/i.test(uri) && !/xml$/i.test(element['@']?.['type'] ?? '');
}

/** Counts the events of the parser itself, so the counter and the reader see the same document. */
function counted({ stream, errors }: Pick<Internals, 'stream' | 'errors'>) {
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

/** Errors of sax name the line, and `Not a feed` is the only one that feedparser means for others. */
function reasonOf(error: Error): string {
  if (!isNotAFeed(error) && !/\nLine: \d+\n/.test(error.message)) return INTERNAL;
  return error.message.split('\n')[0]!.slice(0, 200);
}

function isNotAFeed({ message }: Error): boolean {
  return message === 'Not a feed';
}

/** Detects a premature end, about which a tolerant parser is silent. */
function cutOff(document: string): { lost: number; warnings: ItemWarning[] } {
  if (/<\/(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--[^>]*-->\s*)*$/i.test(document.slice(-1_000)))
    return { lost: 0, warnings: [] };
  const within = ['item', 'entry'].some((name) => document.lastIndexOf(`<${name}`) > document.lastIndexOf(`</${name}`));
  const reason = within ? 'it ends in the middle of an entry, which is lost' : 'it ends before its root element does';
  return { lost: within ? 1 : 0, warnings: [{ item: 'document', reason }] };
}
