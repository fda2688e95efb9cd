import { htmlToText } from './html-text.js';

/** Fields of the header of a full submission (`<accession>.txt`). Days are YYYY-MM-DD. */
export interface SubmissionHeader {
  accession: string | null;
  form: string | null;
  filedOn: string | null;
  /** Day of the event or end of the period. The feed does not contain it. */
  reportDate: string | null;
  filers: { cik: string; name: string; role: string }[];
}

/** The parts of a submission that are used: text for a model, and header fields that the feed lacks. */
export interface SubmissionText {
  header: SubmissionHeader;
  text: string;
  /** Items of an 8-K: `2.02`. */
  items: string[];
  /** True if the text exceeded the limit or the file was incomplete. */
  truncated: boolean;
}

/** Reads the bytes of an archive file. Runs in a worker thread, because the filer controls how long it takes. */
export default function submissionOf({ body, limit }: { body: Uint8Array; limit: number }): SubmissionText {
  return readSubmission(decode(Buffer.from(body.buffer, body.byteOffset, body.byteLength)), limit);
}

/** Old submissions are Latin-1. Bytes that are not valid UTF-8 are read as Latin-1. */
function decode(body: Buffer): string {
  const text = body.toString('utf8');
  return text.includes('\ufffd') ? body.toString('latin1') : text;
}

const ROLES = /^(FILER|ISSUER|SUBJECT COMPANY|REPORTING-OWNER|FILED BY|SERIAL COMPANY):\s*$/;
const DOCUMENT = '<DOCUMENT>';
/** Maximum header size in characters. The longest in use, with 300 filers, has 120,000. */
const MAX_HEADER = 524_288;
/** Maximum number of filers of one filing. Each is locked, stored and shown. */
const MAX_FILERS = 500;
/** Scanned pages and other binaries, uuencoded. */
const BINARY = /^\s*(?:<PDF>|begin \d{3} )/i;

/**
 * Reads a full submission: an SGML header, then documents. The main document has the form of the submission; without
 * one, the first document is the main document. Press releases (EX-99) follow within `limit` characters, because an 8-K
 * often only says "see exhibit 99.1". A plain HTML page is its own main document. An incomplete file yields the text
 * that it contains.
 */
export function readSubmission(file: string, limit: number): SubmissionText {
  const header = readHeader(file.slice(0, Math.min(MAX_HEADER, indexOrEnd(file, DOCUMENT))));
  const documents = splitDocuments(file, limit);
  const main = documents.find(({ type }) => type === header.form) ?? documents[0];
  const chosen =
    main === undefined
      ? [{ type: header.form ?? '', body: file }]
      : [main, ...documents.filter((one) => one !== main && /^EX-99/.test(one.type))];
  const parts: string[] = [];
  let length = 0;
  let truncated = false;
  for (const { type, body } of chosen) {
    if (BINARY.test(body)) continue;
    const title = parts.length === 0 ? '' : `\n\n[${type}]\n`;
    const room = limit - length - title.length;
    const text = room > 0 ? htmlToText(body, room + 1) : '';
    if (text.length > room || room <= 0) truncated = true;
    if (room <= 0 || text === '') continue;
    const part = title + text.slice(0, room);
    parts.push(part);
    length += part.length;
  }
  const text = parts.join('');
  return { header, text, items: itemsOf(text), truncated };
}

function readHeader(head: string): SubmissionHeader {
  const filers: SubmissionHeader['filers'] = [];
  let role = 'filer';
  let name = '';
  for (const line of head.split(/\r?\n/)) {
    const section = ROLES.exec(line.trim());
    if (section)
      role = section[1]!
        .toLowerCase()
        .replace(/ company$/, '')
        .replace('reporting-owner', 'reporting');
    // Trimmed instead of matched: the pattern took quadratic time on a line of blanks.
    const [, label, written] = /^\s*(COMPANY CONFORMED NAME|CENTRAL INDEX KEY):(.+)$/.exec(line) ?? [];
    const value = written?.trim() ?? '';
    if (label === 'COMPANY CONFORMED NAME' && value !== '') name = value;
    else if (label === 'CENTRAL INDEX KEY' && /^\d{1,10}$/.test(value))
      filers.push({ cik: value.padStart(10, '0'), name, role });
  }
  const value = (label: string) => new RegExp(`^${label}:(.*)$`, 'm').exec(head)?.[1]?.trim() || null;
  return {
    accession: value('ACCESSION NUMBER'),
    form: value('CONFORMED SUBMISSION TYPE'),
    filedOn: dayOf(value('FILED AS OF DATE')),
    reportDate: dayOf(value('CONFORMED PERIOD OF REPORT')),
    filers: filers.slice(0, MAX_FILERS),
  };
}

function splitDocuments(file: string, limit: number): { type: string; body: string }[] {
  const documents: { type: string; body: string }[] = [];
  let at = file.indexOf(DOCUMENT);
  while (at >= 0) {
    const next = file.indexOf(DOCUMENT, at + DOCUMENT.length);
    const whole = file.slice(at, next < 0 ? file.length : next);
    const type = /<TYPE>([^\r\n<]*)/.exec(whole.slice(0, 1000))?.[1]?.trim() ?? '';
    const start = whole.indexOf('<TEXT>');
    const end = whole.lastIndexOf('</TEXT>');
    // Markup is several times as long as its text. The final cut happens when the text is extracted.
    if (start >= 0)
      documents.push({ type, body: whole.slice(start + 6, end < 0 ? undefined : end).slice(0, limit * 100) });
    at = next;
  }
  return documents;
}

/** Item numbers of an 8-K, in order, each once. Items before August 2004 had one part (`Item 5.`) and are omitted. */
function itemsOf(text: string): string[] {
  return [...new Set([...text.matchAll(/^\s*item\s+([1-9]\.\d{2})(?!\d)/gim)].map((match) => match[1]!))];
}

function dayOf(compact: string | null): string | null {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(compact ?? '');
  return match ? `${match[1]}-${match[2]}-${match[3]}` : null;
}

const indexOrEnd = (text: string, mark: string): number => (text.includes(mark) ? text.indexOf(mark) : text.length);
