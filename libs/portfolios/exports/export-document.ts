import { TextDecoder } from 'node:util';
import { type StatementElement, xmlElement } from './xml-elements.js';
import { ExportRefused, type IgnoredRows, refuseExport } from './export-reading.js';

/** A file as it was sent. */
export interface ExportFile {
  name: string;
  bytes: Uint8Array;
}

/** JSON whose numbers are the text of the document, so that no digit is lost. */
export type ForeignJson = string | boolean | null | ForeignJson[] | { [name: string]: ForeignJson };
export type ForeignObject = { [name: string]: ForeignJson };

export type ExportDocument =
  | { name: string; kind: 'json'; value: ForeignJson }
  | { name: string; kind: 'xml'; root: StatementElement }
  | { name: string; kind: 'text'; text: string };

/** @throws ExportRefused */
export function documentOf({ name, bytes }: ExportFile): ExportDocument {
  const text = textOf(bytes);
  const start = /\S/.exec(text)?.[0];
  if (start === undefined) refuseExport(name, 'an empty document', 'a document');
  if (start === '<') return { name, kind: 'xml', root: xmlElement(name, text) };
  if (start !== '{' && start !== '[') return { name, kind: 'text', text };
  try {
    return { name, kind: 'json', value: JSON.parse(text, sourceText as never) as ForeignJson };
  } catch (error) {
    if (error instanceof ExportRefused) throw error;
    const reason = (error as Error).message.slice(0, 160);
    return refuseExport(name, reason, 'JSON', `${name} is not JSON: ${reason}`);
  }
}

function sourceText(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

/** Bytes with a byte order mark as it says, else UTF-8, else Windows-1252, which spreadsheets of western Europe write. */
function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Parts of documents by what they are, each once, and the names of parts that are nothing known. */
export interface Parts<K extends string> {
  found: Map<K, ForeignJson[]>;
  names: { kind: K; name: string; rows: number }[];
  unused: string[];
}

/** Depth at which parts are looked for: `{documents: {positions: {data: ..}}}`. */
const DEPTH = 4;

/**
 * Sorts JSON documents into what they are, wherever it lies: answers of an API are often wrapped (`data`), and several of
 * them may come as the fields of one object.
 * @param kindOf what a value is by its own fields; `name` decides only for an empty list
 * @param looksFor for the refusal of a document that is nothing known
 * @throws ExportRefused
 */
export function documentParts<K extends string>(
  documents: readonly ExportDocument[],
  kindOf: (value: ForeignJson, name: string) => K | undefined,
  looksFor: string,
): Parts<K> {
  const parts: Parts<K> = { found: new Map(), names: [], unused: [] };
  for (const document of documents) {
    if (document.kind !== 'json') refuseExport(document.name, `${document.kind} that is not JSON`, looksFor);
    const unused = place(parts, document.name, document.value, kindOf, DEPTH);
    if (unused === undefined) refuseExport(document.name, shapeOf(document.value), looksFor);
    parts.unused.push(...unused);
  }
  return parts;
}

/** @returns the names of inner parts that are nothing known; undefined if nothing is */
function place<K extends string>(
  parts: Parts<K>,
  name: string,
  value: ForeignJson,
  kindOf: (value: ForeignJson, name: string) => K | undefined,
  depth: number,
): string[] | undefined {
  const kind = kindOf(value, name);
  if (kind !== undefined) {
    const twice = parts.names.find((part) => part.kind === kind)?.name;
    if (twice !== undefined) {
      const message = `${twice} and ${name} are both ${kind}. Send each document of one account once.`;
      refuseExport(name, `${kind} twice`, `${kind} once`, message);
    }
    parts.found.set(kind, [value]);
    parts.names.push({ kind, name, rows: Array.isArray(value) ? value.length : 1 });
    return [];
  }
  if (depth === 0 || !isObject(value)) return undefined;
  const unused: string[] = [];
  let any = false;
  for (const [field, inner] of Object.entries(value)) {
    if (typeof inner !== 'object' || inner === null) continue;
    const within = place(parts, `${name}.${field}`, inner, kindOf, depth - 1);
    if (within === undefined) unused.push(`${name}.${field}`);
    else {
      any = true;
      unused.push(...within);
    }
  }
  return any ? unused : undefined;
}

export function isObject(value: ForeignJson | undefined): value is ForeignObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of an object, or of the first object of a list: what tells rows of one kind from those of another. */
export function fieldsOf(value: ForeignJson): ForeignObject | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return isObject(first) ? first : undefined;
}

/** Fields that a message lists. */
const FIELDS_TOLD = 15;

/** What a value looks like, for a message. */
export function shapeOf(value: ForeignJson): string {
  if (Array.isArray(value) && value.length === 0) return 'an empty list';
  const fields = fieldsOf(value);
  if (fields === undefined) return Array.isArray(value) ? 'a list without objects' : 'no object';
  const names = Object.keys(fields);
  const told = names.slice(0, FIELDS_TOLD).join(', ') + (names.length > FIELDS_TOLD ? ', ..' : '');
  if (Array.isArray(value)) return `a list of objects with ${told}`;
  const inner = fields['data'];
  return `an object with ${told}${inner === undefined || typeof inner !== 'object' ? '' : ` (data: ${shapeOf(inner)})`}`;
}

/** Parts that are nothing known, as rows that were left out. */
export function ignoredParts(unused: readonly string[]): IgnoredRows[] {
  return unused.map((name) => ({ rows: `of ${name}, which is nothing known`, count: 1 }));
}
